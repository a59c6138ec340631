// The daemon's REST interface. URLs come from its documents.

const JSON_TYPE = "application/vnd.diffeo.coordinate.v1+json";
const TIMEOUT_MS = 15000;

// By how much the daemon's clock is ahead of this machine's, to a second.
let aheadMs = 0;

// The daemon's time, by which its leases end.
export const daemonNow = () => Date.now() + aheadMs;

export class ApiError extends Error {
  constructor(status, document) {
    super(document?.message ?? `status ${status}`);
    this.status = status;
    this.code = document?.error;
  }
}

async function send(method, url, body, signal) {
  // Some URLs stand in the address bar, where anybody may have put them.
  if (!/^\/(?!\/)/.test(url)) throw new Error(`no URL of this daemon: ${url}`);
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const options = {
    method,
    headers: { Accept: JSON_TYPE },
    cache: "no-store",
    credentials: "omit",
    signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
  };
  if (body !== undefined) {
    options.headers["Content-Type"] = JSON_TYPE;
    options.body = JSON.stringify(body);
  }
  let response;
  try {
    response = await fetch(url, options);
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Error(error.name === "TimeoutError" ? "no answer in time" : "no connection");
  }
  const date = Date.parse(response.headers.get("Date"));
  if (!Number.isNaN(date)) aheadMs = date - Date.now();
  const text = await response.text();
  const isJson = (response.headers.get("Content-Type") ?? "").startsWith(JSON_TYPE);
  const document = isJson && text !== "" ? JSON.parse(text) : null;
  if (!response.ok) throw new ApiError(response.status, document);
  return document;
}

export const get = (url, signal) => send("GET", url, undefined, signal);
export const put = (url, body) => send("PUT", url, body);
export const post = (url, body) => send("POST", url, body);

// Expands the query of a URL template (RFC 6570, "{?name*,limit}"); other values are left out.
export function expand(template, values = {}) {
  return template.replace(/\{\?([^}]*)\}/, (_, names) => {
    const pairs = names.split(",").map((name) => name.replace("*", ""))
      .filter((name) => values[name] !== undefined && values[name] !== "")
      .flatMap((name) => [values[name]].flat().map(
        (value) => `${name}=${encodeURIComponent(value)}`));
    return pairs.length > 0 ? `?${pairs.join("&")}` : "";
  });
}
