// SPDX-License-Identifier: MIT
// A part of a statement: rows of a table that are looked up by a key, for each row that stands
// before it in FROM.
//
// Where a table's statistics tell of next to no rows, as they do whenever all work has just been
// done, the planner takes any order of a join and any index for equally good; but the index of such
// a table may hold hundreds of thousands of rows that are dead and that an old snapshot keeps. Then
// a join walks over all of them, again and again. OFFSET 0 keeps the planner from taking a look-up
// apart: it is made through the index of its key, once for each row of what it belongs to. A
// condition that a partial index has stands outside of it.
// (https://www.postgresql.org/docs/15/queries-table-expressions.html#QUERIES-LATERAL)
#pragma once

// The key of all that belongs to a unit of `k`.
#define COORD_OF_UNIT "generation = k.generation AND name = k.name"

// For CROSS JOIN and LEFT JOIN, and before its alias. `lock`: "", or " FOR UPDATE".
#define COORD_LOOKUP(columns, table, condition, lock) \
  "LATERAL (SELECT " columns " FROM " table " WHERE " condition " OFFSET 0" lock ") "
