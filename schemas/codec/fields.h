// Members of a document as typed values. Each reader leaves `out` as it is when the member is absent or null,
// and answers false, with the rejection made, when it is not what the contract says. So a payload reads as
// one chain of `&&`.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "base/money.h"
#include "base/time.h"
#include "schemas/codec/document.h"
#include "schemas/enum_names.h"
#include "schemas/rejection.h"

namespace tocsin::schemas::codec {

// One place in a document: a member, or a member of an element of the array `list`.
struct Field {
  const Slot* slot;
  Member member;
  Member list{};
  int32_t element = -1;  // -1: not in an array.

  [[nodiscard]] bool absent() const { return slot->kind == Slot::Kind::kAbsent; }
};

// What the tz database said of names of time zones: asking it for each event would cost more than all its
// other members.
class KnownZones {
 public:
  [[nodiscard]] bool Contains(std::string_view name);

  uint64_t unknown = 0;  // Members that name a zone nobody here knows; counted by Fields.

 private:
  struct Asked {
    std::string name;
    bool known = false;
  };
  std::array<Asked, 64> names_;  // By hash; a newer name takes the place of an older one.
};

class Fields {
 public:
  // All three outlive it.
  Fields(const Document& document, KnownZones& zones, Rejection& rejection)
      : document_(document), zones_(zones), rejection_(rejection) {}

  [[nodiscard]] Field At(Member member) const {
    static constexpr Slot kAbsent;
    const size_t at = Index(member);
    return {document_.present[at] ? &document_.slots[at] : &kAbsent, member};
  }
  // A member of an element. REQUIRES: `member` belongs to the object that the elements of `list` are.
  [[nodiscard]] Field At(Member list, size_t element, Member member) const;
  [[nodiscard]] const std::vector<Element>& ElementsOf(Member list) const;

  // Always false, so that a reader can return it.
  bool Reject(Field field, RejectionCode code, std::string_view detail) const;
  bool Reject(Member member, RejectionCode code, std::string_view detail) const {
    return Reject(At(member), code, detail);
  }

  [[nodiscard]] bool Require(Field field) const {
    return !field.absent() || Reject(field, RejectionCode::kMissingMember, "required");
  }
  [[nodiscard]] bool Require(Member member) const { return Require(At(member)); }

  // Text of at most `code_points_max` characters.
  [[nodiscard]] bool Text(Field field, size_t code_points_max, std::string& out) const;
  // Text without control characters. Empty is as good as absent.
  [[nodiscard]] bool Id(Field field, size_t code_points_max, std::string& out) const;
  // The same of somebody or something that may be named: a placeholder names nobody, and is as good as
  // absent.
  [[nodiscard]] bool OptionalIdentity(Member member, size_t code_points_max, std::string& out) const;
  // Text without control characters that must be there and not empty.
  [[nodiscard]] bool RequiredId(Field field, size_t code_points_max, std::string& out) const;
  // An id that stands for somebody or something: required, and no placeholder. A view into the document.
  [[nodiscard]] bool Identity(Member member, size_t code_points_max, std::string_view& out) const;
  [[nodiscard]] bool Flag(Field field, bool& out) const;
  // RFC 3339 with an offset, or integer milliseconds since 1970.
  [[nodiscard]] bool Time(Field field, std::optional<Timestamp>& out) const;
  // The same of what may be long past: text from 1800 on. Before 1970 is at the beginning of 1970.
  [[nodiscard]] bool PastTime(Field field, std::optional<Timestamp>& out) const;
  [[nodiscard]] bool Country(Field field, std::string& out) const;
  [[nodiscard]] bool Locale(Member member, std::string& out) const;
  // An IANA name, "+08:00", or minutes east of UTC as text or integer. A name that could be a zone's and is
  // not known here is as good as absent: the client says it, and must not be able to hide an event by it.
  [[nodiscard]] bool Timezone(Member member, std::string& out) const;
  [[nodiscard]] bool CurrencyCode(Field field, Currency& out) const;
  // From the literal text of a number or a string. REQUIRES: `currency` is none only when the field is
  // absent.
  [[nodiscard]] bool Amount(Field field, Currency currency, bool negative_allowed,
                            std::optional<int64_t>& out_minor) const;
  [[nodiscard]] bool IsString(Field field) const;
  // True when the member is absent or an object (an array).
  [[nodiscard]] bool IsObject(Field field) const;
  [[nodiscard]] bool IsArray(Member member, size_t elements_min, size_t elements_max) const;

  template <class E>
  [[nodiscard]] bool Enum(Field field, E& out) const {
    if (field.absent()) return true;
    if (!IsString(field)) return false;
    const std::optional<E> value = FromName<E>(field.slot->text);
    if (!value) return Reject(field, RejectionCode::kNotInEnum, "not one of the names of the contract");
    out = *value;
    return true;
  }

  [[nodiscard]] bool Text(Member member, size_t max, std::string& out) const {
    return Text(At(member), max, out);
  }
  [[nodiscard]] bool Id(Member member, size_t max, std::string& out) const {
    return Id(At(member), max, out);
  }
  [[nodiscard]] bool Flag(Member member, bool& out) const { return Flag(At(member), out); }
  [[nodiscard]] bool Time(Member member, std::optional<Timestamp>& out) const {
    return Time(At(member), out);
  }
  [[nodiscard]] bool PastTime(Member member, std::optional<Timestamp>& out) const {
    return PastTime(At(member), out);
  }
  template <class E>
  [[nodiscard]] bool Enum(Member member, E& out) const {
    return Enum(At(member), out);
  }

 private:
  [[nodiscard]] bool IsId(Field field, size_t code_points_max) const;
  [[nodiscard]] bool FitsIn(Field field, size_t code_points_max) const;

  const Document& document_;
  KnownZones& zones_;
  Rejection& rejection_;
};

// "contacts[2].address", for rejections.
[[nodiscard]] std::string PathOf(Field field);

}  // namespace tocsin::schemas::codec
