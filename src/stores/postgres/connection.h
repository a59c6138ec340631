// SPDX-License-Identifier: MIT
// libpq behind types that close, clear and report errors by themselves. The only code that knows
// libpq-fe.h is in this folder.
#pragma once

#include <libpq-fe.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "stores/postgres/parameters.h"

namespace coord {

// The rows that a statement gave, in binary format.
class PgRows {
 public:
  PgRows() = default;
  explicit PgRows(PGresult* result) : result_(result) {}

  int size() const { return result_ == nullptr ? 0 : PQntuples(result_.get()); }
  bool IsNull(int row, int column) const { return PQgetisnull(result_.get(), row, column) != 0; }
  // Of int8, int4, int2 and bool; 0 where it is null.
  std::int64_t Integer(int row, int column) const;
  std::uint64_t Unsigned(int row, int column) const {
    return static_cast<std::uint64_t>(Integer(row, column));
  }
  bool Flag(int row, int column) const { return Integer(row, column) != 0; }
  double Real(int row, int column) const;
  // Valid as long as the rows.
  std::string_view Bytes(int row, int column) const;
  std::optional<std::string_view> OptionalBytes(int row, int column) const;
  // kNoTime where it is null.
  WallTime Time(int row, int column) const;
  // How many rows a statement that gives none has changed.
  std::uint64_t affected() const;

 private:
  struct Clearer {
    void operator()(PGresult* result) const { PQclear(result); }
  };
  std::unique_ptr<PGresult, Clearer> result_;
};

// What went wrong with a statement.
struct PgFailure {
  std::string message;
  std::string sqlstate;  // empty: the connection is gone
};

// A statement on its way to the server. The text is a constant: it is prepared once a connection.
struct PgStatement {
  const char* sql = nullptr;
  PgParameters parameters;
};

// One connection. Used from one thread at a time.
class PgConnection {
 public:
  // `conninfo`: as libpq takes it; where it says nothing else, a server that does not answer is
  // given up after some seconds. Errors: kUnavailable, with what libpq says (never the password).
  static Result<PgConnection> Open(const std::string& conninfo);

  // Runs statements without parameters, any number in one text. Errors as Query().
  Result<void> Run(const std::string& sql);
  // Runs one statement. Errors: kUnavailable; failure() tells more.
  Result<PgRows> Query(const char* sql, const PgParameters& parameters = {});
  // Sends all statements at once, and returns their rows in order. After the first that fails the
  // others are not run. Errors as Query().
  Result<std::vector<PgRows>> Pipeline(std::vector<PgStatement> statements);

  // What the last error was.
  const PgFailure& failure() const { return failure_; }
  // False once the connection is gone.
  bool alive() const;

  PGconn* handle() const { return handle_.get(); }

 private:
  struct Closer {
    void operator()(PGconn* handle) const { PQfinish(handle); }
  };

  Error Fail(PGresult* result);
  // The name under which a text is prepared; sends the preparation where it is not.
  bool SendPrepared(const PgStatement& statement, std::vector<bool>& preparations);
  Result<PgRows> Collect();

  std::unique_ptr<PGconn, Closer> handle_;
  std::vector<std::pair<const char*, std::string>> prepared_;  // by the address of the text
  PgFailure failure_;
};

}  // namespace coord
