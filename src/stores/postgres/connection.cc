// SPDX-License-Identifier: MIT
#include "stores/postgres/connection.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "base/check.h"

namespace coord {

// --- Rows ----------------------------------------------------------------------------------------

std::string_view PgRows::Bytes(int row, int column) const {
  return {PQgetvalue(result_.get(), row, column),
          static_cast<std::size_t>(PQgetlength(result_.get(), row, column))};
}

std::int64_t PgRows::Integer(int row, int column) const {
  const std::string_view bytes = Bytes(row, column);
  if (bytes.empty()) return 0;
  // The sign is in the first byte.
  auto value = static_cast<std::int64_t>(static_cast<signed char>(bytes[0]));
  for (const char c : bytes.substr(1)) {
    value = static_cast<std::int64_t>(static_cast<std::uint64_t>(value) << 8U |
                                      static_cast<unsigned char>(c));
  }
  return value;
}

double PgRows::Real(int row, int column) const {
  return std::bit_cast<double>(Unsigned(row, column));
}

std::optional<std::string_view> PgRows::OptionalBytes(int row, int column) const {
  if (IsNull(row, column)) return std::nullopt;
  return Bytes(row, column);
}

WallTime PgRows::Time(int row, int column) const {
  return IsNull(row, column) ? kNoTime : WallTime(Duration(Integer(row, column)));
}

std::uint64_t PgRows::affected() const {
  if (result_ == nullptr) return 0;
  std::uint64_t count = 0;
  for (const char c : std::string_view(PQcmdTuples(result_.get()))) {
    count = count * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return count;
}

// --- Connection ----------------------------------------------------------------------------------

Result<PgConnection> PgConnection::Open(const std::string& conninfo) {
  PgConnection connection;
  // The first are for what `conninfo` leaves out. The last is expanded, as it is a whole one.
  const std::array keywords = {
      "fallback_application_name", "connect_timeout", "keepalives_idle",
      "tcp_user_timeout",          "dbname",          static_cast<const char*>(nullptr)};
  const std::array values = {
      "coordinated", "5", "10", "30000", conninfo.c_str(), static_cast<const char*>(nullptr)};
  connection.handle_.reset(PQconnectdbParams(keywords.data(), values.data(), /*expand_dbname=*/1));
  if (PQstatus(connection.handle()) != CONNECTION_OK) return connection.Fail(nullptr);
  PQsetNoticeProcessor(
      connection.handle(), [](void*, const char*) {}, nullptr);
  return connection;
}

bool PgConnection::alive() const {
  return handle_ != nullptr && PQstatus(handle()) == CONNECTION_OK;
}

Error PgConnection::Fail(PGresult* result) {
  const char* const state =
      result == nullptr ? nullptr : PQresultErrorField(result, PG_DIAG_SQLSTATE);
  failure_.sqlstate = state == nullptr || !alive() ? "" : state;
  const char* const primary =
      result == nullptr ? nullptr : PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  failure_.message = primary == nullptr ? PQerrorMessage(handle()) : primary;
  while (!failure_.message.empty() && failure_.message.back() == '\n') failure_.message.pop_back();
  std::replace(failure_.message.begin(), failure_.message.end(), '\n', ' ');
  return {ErrorCode::kUnavailable, "postgres: " + failure_.message, {}};
}

Result<void> PgConnection::Run(const std::string& sql) {
  PGresult* const result = PQexec(handle(), sql.c_str());
  const PgRows rows(result);
  const ExecStatusType status = PQresultStatus(result);
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) return Fail(result);
  return {};
}

Result<PgRows> PgConnection::Query(const char* sql, const PgParameters& parameters) {
  std::vector<PgStatement> one;
  one.push_back({sql, parameters});
  COORD_TRY(rows, Pipeline(std::move(one)));
  return std::move(rows.front());
}

bool PgConnection::SendPrepared(const PgStatement& statement, std::vector<bool>& preparations) {
  auto found = std::find_if(prepared_.begin(), prepared_.end(),
                            [&](const auto& entry) { return entry.first == statement.sql; });
  const PgParameters& parameters = statement.parameters;
  if (found == prepared_.end()) {
    found =
        prepared_.emplace(prepared_.end(), statement.sql, "s" + std::to_string(prepared_.size()));
    if (PQsendPrepare(handle(), found->second.c_str(), statement.sql, parameters.size(),
                      parameters.types().data()) == 0) {
      return false;
    }
    preparations.push_back(true);
  }
  const std::vector<const char*> values = parameters.values();
  const std::vector<int> lengths = parameters.lengths();
  const std::vector<int> formats(values.size(), 1);
  preparations.push_back(false);
  return PQsendQueryPrepared(handle(), found->second.c_str(), parameters.size(), values.data(),
                             lengths.data(), formats.data(), /*resultFormat=*/1) != 0;
}

Result<std::vector<PgRows>> PgConnection::Pipeline(std::vector<PgStatement> statements) {
  if (PQenterPipelineMode(handle()) == 0) return Fail(nullptr);
  std::vector<bool> preparations;
  const std::size_t known = prepared_.size();
  bool sent = true;
  for (const PgStatement& statement : statements) {
    sent = sent && SendPrepared(statement, preparations);
  }
  sent = sent && PQpipelineSync(handle()) != 0;
  if (!sent) {
    const Error error = Fail(nullptr);
    prepared_.resize(known);
    return error;
  }
  std::vector<PgRows> all;
  std::optional<Error> error;
  for (const bool preparation : preparations) {
    auto rows = Collect();
    if (rows.has_error()) {
      if (!error) error = rows.error();
    } else if (!preparation) {
      all.push_back(std::move(*rows));
    }
    if (!alive()) break;
  }
  // The end of the pipeline.
  PgRows(PQgetResult(handle()));
  if (error) {
    // What was prepared after the failure was not: all that is new is prepared again, by other
    // names, because a name that the server knows already would be an error.
    for (std::size_t i = known; i < prepared_.size(); ++i) prepared_[i].first = nullptr;
  }
  if (alive() && PQexitPipelineMode(handle()) == 0 && !error) return Fail(nullptr);
  if (error) return *std::move(error);
  return all;
}

Result<PgRows> PgConnection::Collect() {
  PGresult* const result = PQgetResult(handle());
  PgRows rows(result);
  if (result == nullptr) return Fail(nullptr);
  const ExecStatusType status = PQresultStatus(result);
  const bool well = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
  if (!well && status != PGRES_PIPELINE_ABORTED) {
    const Error error = Fail(result);
    PgRows(PQgetResult(handle()));
    return error;
  }
  PgRows(PQgetResult(handle()));  // the end of this statement
  if (!well) return Error{ErrorCode::kUnavailable, "postgres: not run", {}};
  return rows;
}

}  // namespace coord
