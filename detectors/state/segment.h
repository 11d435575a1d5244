// What every segment of the account state is: a struct with
//
//   static constexpr uint8_t kVersion;        // first byte of the encoding
//   static constexpr uint8_t kVersionMin;     // the oldest that Decode still reads; may be missing: 1
//   bool empty() const;                       // the default state; stored as nothing
//   void Encode(ByteWriter&) const;           // without the version byte; pruned of what has expired
//   static bool Decode(ByteReader&, uint8_t version, T& into);  // false: cannot have been written by us
//   size_t HeapBytes() const;                 // memory held besides sizeof(T)
//   friend bool operator==(const T&, const T&) = default;
//
// Every list has a hard cap (a constant named k…Max), so that a hostile account stays bounded; when the cap
// is reached the least valuable entry goes, and where that would make an answer wrong, a `saturated` flag
// says so.
#pragma once

#include "base/bytes.h"
