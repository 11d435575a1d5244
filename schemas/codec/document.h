// A JSON document taken apart but not yet understood: where each member of the contract stands, and as what.
// Reading it checks everything JSON itself demands (grammar to the last byte, UTF-8, depth, no member twice);
// what the values mean is decided afterwards, when the event's type is known.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "schemas/codec/members.h"
#include "schemas/rejection.h"

namespace tocsin::schemas::codec {

struct Slot {
  enum class Kind : uint8_t {
    kAbsent,  // Also null.
    kString,
    kHalfCharacter,  // A string with half a surrogate pair, where it must not cost the event. No text.
    kNumber,
    kTrue,
    kFalse,
    kObject,
    kArray
  };
  Kind kind = Kind::kAbsent;
  std::string_view text;  // Of a string: its characters, unescaped. Of a number: its literal text.
};

// An element of an array of the contract.
struct Element {
  Slot self;
  std::array<Slot, kElementMembersMax> members;  // When it is an object: from FirstOf(its context) on.
};

using MemberSet = std::bitset<kMemberCount>;

struct Document {
  std::array<Slot, kMemberCount> slots;  // Valid where `present`.
  MemberSet seen;                        // Named in the document, also as null.
  MemberSet present;                     // Named, and not null.
  std::vector<Element> contacts;  // At most kElementsMax of each list; the rest is checked but not kept.
  std::vector<Element> limits;
  std::vector<Element> countries;
  uint64_t unknown_members = 0;  // Members that no object of the contract has.

  void Clear() {
    seen.reset();
    present.reset();
    contacts.clear();
    limits.clear();
    countries.clear();
    unknown_members = 0;
  }
};
inline constexpr size_t kElementsMax = 256;  // More than the contract allows in any array.

// What is wrong, cheap to make; views of literals only.
struct Fault {
  RejectionCode code = RejectionCode::kNotJson;
  std::string_view field;
  std::string_view detail;
};

// Keeps its parser and buffers between documents. One thread at a time.
class DocumentReader {
 public:
  // `depth_max` counts objects and arrays inside each other, the outermost one included; at most 512 are
  // honoured.
  explicit DocumentReader(int depth_max);
  ~DocumentReader();
  DocumentReader(DocumentReader&&) noexcept;
  DocumentReader& operator=(DocumentReader&&) noexcept;

  // Reads `json`, whose outermost object is a `root` (kEvent or kEnvelope). True and `document` filled, or
  // false and `fault` set. Views in `document` hold until the next call.
  [[nodiscard]] bool Read(std::string_view json, Context root, Document& document, Fault& fault);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tocsin::schemas::codec
