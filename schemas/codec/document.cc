#include "schemas/codec/document.h"

#include <simdjson.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "base/text.h"
#include "schemas/codec/client_made.h"
#include "schemas/codec/json_token.h"

namespace tocsin::schemas::codec {
namespace {

namespace ondemand = simdjson::ondemand;

// A member that the contract does not name, to find one that comes twice. Names are unique within one object
// only. They are compared when all are known, in order: a list that is searched at each, or a table that a
// hostile document knows how to fill, would let ten thousand members cost a hundred million comparisons.
struct UnknownMember {
  uint64_t object = 0;  // Its number in the document.
  std::string_view name;
  std::string_view field;  // The path of the object.
};

std::vector<Element>* ListOf(Document& document, Context elements) {
  switch (elements) {
    case Context::kContact:
      return &document.contacts;
    case Context::kProfileLimit:
      return &document.limits;
    case Context::kCountries:
      return &document.countries;
    default:
      return nullptr;
  }
}

// The closing quote of the string whose first character `at` points to. simdjson has seen that there is one,
// and at least 64 bytes can be read behind the document. Names are short: eight bytes at a time find it in
// one or two steps.
const char* EndOfString(const char* at) {
  constexpr uint64_t kOnes = 0x0101010101010101ull;
  const auto zero_bytes = [](uint64_t word) { return (word - kOnes) & ~word & (kOnes * 0x80); };
  for (;;) {
    uint64_t word = 0;
    std::memcpy(&word, at, sizeof word);
    const uint64_t found = zero_bytes(word ^ kOnes * '"') | zero_bytes(word ^ kOnes * '\\');
    if (found == 0) {
      at += sizeof word;
      continue;
    }
    at += std::countr_zero(found) / 8;
    if (*at == '"') return at;
    at += 2;  // A backslash and what it escapes.
  }
}

}  // namespace

// simdjson indexes the document and checks UTF-8 (its first stage); this walks the tokens once, in document
// order. Values that simdjson would skip unread are checked here as well, because "valid JSON" must not
// depend on which members we know.
struct DocumentReader::Impl {
  ondemand::parser parser;
  std::vector<char> json;      // The document, followed by the padding that simdjson may read.
  std::vector<uint8_t> arena;  // Unescaped strings; never longer than the document.
  uint8_t* arena_end = nullptr;
  std::vector<UnknownMember> unknown;
  uint64_t objects = 0;  // Of the document so far.
  int depth_max = 16;
  bool has_escapes = false;  // A backslash is somewhere in the document.
  Document* document = nullptr;
  Fault fault;

  bool Fail(RejectionCode code, std::string_view field, std::string_view detail) {
    fault = {code, field, detail};
    return false;
  }
  bool NotJson(std::string_view field) { return Fail(RejectionCode::kNotJson, field, "not valid JSON"); }

  bool Load(std::string_view text) {
    if (json.size() < text.size() + simdjson::SIMDJSON_PADDING) {
      // Grown in doublings: simdjson would otherwise allocate for every document longer than all before.
      const size_t capacity = std::max<size_t>(4096, std::bit_ceil(text.size()));
      if (parser.allocate(capacity) != simdjson::SUCCESS) {
        return Fail(RejectionCode::kTooLarge, "", "too large to be parsed");
      }
      json.resize(capacity + simdjson::SIMDJSON_PADDING);
      arena.resize(capacity + simdjson::SIMDJSON_PADDING);
    }
    std::memcpy(json.data(), text.data(), text.size());
    std::memset(json.data() + text.size(), ' ', simdjson::SIMDJSON_PADDING);
    has_escapes = std::memchr(text.data(), '\\', text.size()) != nullptr;
    arena_end = arena.data();
    return true;
  }

  // `raw` is the text between the quotes. False when an escape is wrong or what it gives is not UTF-8 (a lone
  // surrogate).
  bool Unescape(std::string_view& raw, std::string_view field) {
    if (!has_escapes || std::memchr(raw.data(), '\\', raw.size()) == nullptr) return true;
    const ondemand::raw_json_string escaped(reinterpret_cast<const uint8_t*>(raw.data()));
    std::string_view text;
    if (parser.unescape(escaped, arena_end).get(text) != simdjson::SUCCESS) return NotJson(field);
    if (!IsUtf8(text)) return Fail(RejectionCode::kNotUtf8, field, "a surrogate without its pair");
    raw = text;
    return true;
  }

  // The name of a member; `first` is just after its opening quote.
  bool Name(const char* first, std::string_view& name, std::string_view field) {
    const char* const end = EndOfString(first);
    name = {first, static_cast<size_t>(end - first)};
    return Unescape(name, field);
  }

  bool Scalar(ondemand::value& value, std::string_view token, Slot& slot, const MemberInfo* info,
              std::string_view field) {
    token = TrimRight(token);
    switch (token.front()) {
      case '"': {
        if (token.size() < 2 || token.back() != '"') return NotJson(field);
        // Steps over the string; left to itself the iterator would take "a":"b":1 for a key.
        if (value.get_raw_json_string().error() != simdjson::SUCCESS) return NotJson(field);
        slot.kind = Slot::Kind::kString;
        slot.text = token.substr(1, token.size() - 2);
        if (Unescape(slot.text, field)) return true;
        // Nor do members that the contract does not name cost the event.
        if (info != nullptr && !IsClientMade(info->member)) return false;
        if (!HasWholeEscapes(slot.text)) return false;
        slot.kind = Slot::Kind::kHalfCharacter;
        slot.text = {};
        return true;
      }
      case 't':
        if (token != "true") return NotJson(field);
        slot.kind = Slot::Kind::kTrue;
        return true;
      case 'f':
        if (token != "false") return NotJson(field);
        slot.kind = Slot::Kind::kFalse;
        return true;
      case 'n':
        if (token != "null") return NotJson(field);
        slot.kind = Slot::Kind::kAbsent;
        return true;
      default:
        if (!IsJsonNumber(token)) return NotJson(field);
        slot.kind = Slot::Kind::kNumber;
        slot.text = token;
        return true;
    }
  }

  // `info` is the member whose value it is, or nullptr inside of what the contract does not name.
  bool Value(ondemand::value& value, Slot& slot, const MemberInfo* info, int level, std::string_view field) {
    const std::string_view token = value.raw_json_token();
    if (token.empty()) return NotJson(field);
    if (token.front() == '{') {
      slot.kind = Slot::Kind::kObject;
      ondemand::object object;
      if (level >= depth_max) return Fail(RejectionCode::kTooDeep, field, "nested too deeply");
      if (value.get_object().get(object) != simdjson::SUCCESS) return NotJson(field);
      return Object(object, info == nullptr ? Context::kNone : info->object, nullptr, level + 1, field);
    }
    if (token.front() == '[') {
      slot.kind = Slot::Kind::kArray;
      ondemand::array array;
      if (level >= depth_max) return Fail(RejectionCode::kTooDeep, field, "nested too deeply");
      if (value.get_array().get(array) != simdjson::SUCCESS) return NotJson(field);
      return Array(array, info == nullptr ? Context::kNone : info->elements, level + 1, field);
    }
    return Scalar(value, token, slot, info, field);
  }

  // `element` takes the members when the object is an element of an array of the contract.
  bool Object(ondemand::object& object, Context context, Element* element, int level,
              std::string_view field) {
    const uint64_t number = ++objects;
    uint32_t seen_in_element = 0;
    for (auto entry : object) {
      ondemand::field member;
      if (std::move(entry).get(member) != simdjson::SUCCESS) return NotJson(field);
      std::string_view name;
      if (!Name(member.key().raw(), name, field)) return false;

      const MemberInfo* info = context == Context::kNone ? nullptr : FindMember(context, name);
      if (info == nullptr) {
        ++document->unknown_members;
        unknown.push_back({number, name, field});
        Slot ignored;
        if (!Value(member.value(), ignored, nullptr, level, field)) return false;
        continue;
      }

      if (element != nullptr) {
        const size_t at = Index(info->member) - Index(FirstOf(context));
        if ((seen_in_element >> at & 1) != 0) {
          return Fail(RejectionCode::kDuplicateMember, field, "a member of an element appears twice");
        }
        seen_in_element |= 1u << at;
        if (!Value(member.value(), element->members[at], info, level, field)) return false;
        continue;
      }

      const size_t at = Index(info->member);
      if (document->seen[at]) return Fail(RejectionCode::kDuplicateMember, info->path, "appears twice");
      document->seen[at] = true;
      Slot& slot = document->slots[at];
      if (!Value(member.value(), slot, info, level, info->path)) return false;
      document->present[at] = slot.kind != Slot::Kind::kAbsent;
    }
    return true;
  }

  bool Array(ondemand::array& array, Context elements, int level, std::string_view field) {
    std::vector<Element>* list = ListOf(*document, elements);
    for (auto entry : array) {
      ondemand::value value;
      if (std::move(entry).get(value) != simdjson::SUCCESS) return NotJson(field);
      Element element;
      if (!ArrayElement(value, element, elements, level, field)) return false;
      if (list != nullptr && list->size() < kElementsMax) list->push_back(element);
    }
    return true;
  }

  bool ArrayElement(ondemand::value& value, Element& element, Context elements, int level,
                    std::string_view field) {
    const bool of_objects = elements == Context::kContact || elements == Context::kProfileLimit;
    const std::string_view token = value.raw_json_token();
    if (!of_objects || token.empty() || token.front() != '{')
      return Value(value, element.self, nullptr, level, field);

    element.self.kind = Slot::Kind::kObject;
    ondemand::object object;
    if (level >= depth_max) return Fail(RejectionCode::kTooDeep, field, "nested too deeply");
    if (value.get_object().get(object) != simdjson::SUCCESS) return NotJson(field);
    return Object(object, elements, &element, level + 1, field);
  }

  bool Read(std::string_view text, Context root) {
    document->Clear();
    unknown.clear();
    objects = 0;
    if (!Load(text)) return false;

    ondemand::document parsed;
    const simdjson::error_code indexed =
        parser.iterate(json.data(), text.size(), text.size() + simdjson::SIMDJSON_PADDING).get(parsed);
    if (indexed == simdjson::UTF8_ERROR) return Fail(RejectionCode::kNotUtf8, "", "not UTF-8");
    if (indexed != simdjson::SUCCESS) return NotJson("");

    ondemand::object object;
    if (parsed.get_object().get(object) != simdjson::SUCCESS) {
      return Fail(RejectionCode::kNotJson, "", "not one JSON object");
    }
    if (depth_max < 1) return Fail(RejectionCode::kTooDeep, "", "nested too deeply");
    if (!Object(object, root, nullptr, 1, "")) return false;
    // Nothing but white space may follow.
    if (parsed.current_location().error() != simdjson::OUT_OF_BOUNDS) return NotJson("");
    return unknown.size() < 2 || AreUnique();
  }

  bool AreUnique() {
    const auto key = [](const UnknownMember& member) { return std::pair(member.object, member.name); };
    std::ranges::sort(unknown, {}, key);
    const auto twice = std::ranges::adjacent_find(unknown, {}, key);
    // The name may be personal data, so only the object around it is named.
    return twice == unknown.end() ||
           Fail(RejectionCode::kDuplicateMember, twice->field, "a member appears twice");
  }
};

DocumentReader::DocumentReader(int depth_max) : impl_(std::make_unique<Impl>()) {
  impl_->depth_max = std::min(depth_max, 512);  // The walk is recursive; simdjson's own bound is 1024.
}
DocumentReader::~DocumentReader() = default;
DocumentReader::DocumentReader(DocumentReader&&) noexcept = default;
DocumentReader& DocumentReader::operator=(DocumentReader&&) noexcept = default;

bool DocumentReader::Read(std::string_view json, Context root, Document& document, Fault& fault) {
  impl_->document = &document;
  const bool read = impl_->Read(json, root);
  if (!read) fault = impl_->fault;
  return read;
}

}  // namespace tocsin::schemas::codec
