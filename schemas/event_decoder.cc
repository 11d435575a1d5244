#include "schemas/event_decoder.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

#include "schemas/codec/client_made.h"
#include "schemas/codec/cloud_event.h"
#include "schemas/codec/document.h"
#include "schemas/codec/fields.h"
#include "schemas/codec/payloads.h"
#include "schemas/codec/shapes.h"
#include "schemas/enum_names.h"
#include "schemas/moved_record.h"

namespace tocsin::schemas {

using codec::Context;
using codec::Document;
using codec::DocumentReader;
using codec::Fault;
using codec::Fields;
using codec::HeaderAttributes;
using codec::Member;

// Two steps. First the document is taken apart, in document order and without knowing its type, which may
// stand last. Then the type is known and its members are read in the order of the contract.
struct EventDecoder::Impl {
  explicit Impl(DecodeLimits decode_limits) : limits(decode_limits), reader(decode_limits.depth_max) {}

  DecodeLimits limits;
  DocumentReader reader;
  Document document;
  codec::KnownZones zones;
  codec::EncodedEnvelope encoded;
  uint64_t unknown_members = 0;
  std::optional<Rejection> left_out;
  // Payloads that no event uses just now. They keep the memory of their strings while an event holds another
  // type.
  std::tuple<Login, Transaction, AccountChange, AccountProfile, Feedback> spare;

  // Clears the event and gives it a payload of that type.
  void UseType(Event& event, EventType type) {
    if (event.payload.index() + 1 != static_cast<size_t>(type)) {
      std::visit([&]<class Payload>(Payload& payload) { std::swap(payload, std::get<Payload>(spare)); },
                 event.payload);
      const auto take = [&](auto& kept) { event.payload = std::move(kept); };
      switch (type) {
        case EventType::kLogin:
          take(std::get<Login>(spare));
          break;
        case EventType::kTransaction:
          take(std::get<Transaction>(spare));
          break;
        case EventType::kAccountChange:
          take(std::get<AccountChange>(spare));
          break;
        case EventType::kAccountProfile:
          take(std::get<AccountProfile>(spare));
          break;
        case EventType::kFeedback:
          take(std::get<Feedback>(spare));
          break;
      }
    }
    event.Clear();
  }

  [[nodiscard]] bool ReadDocument(const Record& record, Fault& fault) {
    const HeaderAttributes headers = codec::ReadHeaders(record.headers);
    const std::string_view json = codec::WithoutFrame(record.value);
    bool envelope = headers.structured();
    if (!envelope) {
      if (!reader.Read(json, Context::kEvent, document, fault)) return false;
      // A structured CloudEvent that no header announces, as a line of a file may be. Read once more: it is
      // rare.
      envelope = !headers.binary() && document.present[Index(Member::kSpecversionInEvent)];
    }
    if (!envelope) return codec::ApplyHeaders(headers, document, fault);
    if (!reader.Read(json, Context::kEnvelope, document, fault)) return false;
    if (codec::HasEncodedData(document)) {
      if (!encoded.Take(document, fault) || !reader.Read(encoded.data(), Context::kEvent, document, fault) ||
          !encoded.Apply(document, fault))
        return false;
    } else if (!codec::ApplyEnvelope(document, fault)) {
      return false;
    }
    if (headers.traceparent.empty()) return true;
    HeaderAttributes trace_only;
    trace_only.traceparent = headers.traceparent;
    return codec::ApplyHeaders(trace_only, document, fault);
  }

  // Where a producer puts such events on Kafka, when nobody configures other topics: the same event is the
  // same one there.
  [[nodiscard]] static std::string_view DefaultTopic(EventType type) {
    switch (type) {
      case EventType::kLogin:
        return "logins";
      case EventType::kTransaction:
        return "transactions";
      case EventType::kAccountChange:
        return "account-changes";
      case EventType::kAccountProfile:
        return "account-profiles";
      case EventType::kFeedback:
        return "account-feedback";
    }
    return {};
  }

  // Where a producer put the record: it may have been moved since.
  [[nodiscard]] static std::string_view FirstTopic(const Record& record) {
    for (const Header& header : record.headers) {
      if (header.name == kFirstTopicHeader) return header.value;
    }
    return record.topic;
  }

  [[nodiscard]] bool ReadType(const Fields& fields, EventType& out) {
    const codec::Field field = fields.At(Member::kType);
    if (!fields.Require(field)) return false;
    if (field.slot->kind != codec::Slot::Kind::kString) {
      return fields.Reject(field, RejectionCode::kWrongType, "expected a string");
    }
    const std::optional<EventType> type = FromName<EventType>(field.slot->text);
    if (!type) return fields.Reject(field, RejectionCode::kUnknownType, "no such event type");
    out = *type;
    return true;
  }

  [[nodiscard]] bool ReadEvent(const Record& record, Event& event, Rejection& rejection) {
    const Fields fields(document, zones, rejection);
    EventType type = EventType::kLogin;
    zones.unknown = 0;
    if (!ReadType(fields, type)) return false;
    UseType(event, type);
    if (!codec::ReadCommon(fields, event)) return false;
    if (limits.check_key && record.key != event.account_id.view()) {
      return fields.Reject(Member::kAccountId, RejectionCode::kKeyMismatch,
                           "the record's key is not the account id");
    }
    if (!codec::ReadPayload(fields, event)) return false;

    if (event.source.empty()) event.source = FirstTopic(record);
    if (event.source.empty()) event.source = DefaultTopic(type);
    const Timestamp appended_at = record.appended_at == Timestamp{} ? limits.read_at : record.appended_at;
    if (event.occurred_at - limits.future_max > appended_at) {
      event.occurred_at = appended_at;
      event.clamped = true;
    }
    unknown_members += zones.unknown + document.unknown_members + codec::CountForeignMembers(document, type);
    return true;
  }

  // Takes the member that was refused out of the document, or cuts its text. False when it is none that a
  // client makes. Each member is taken out once, so that this comes to an end.
  [[nodiscard]] bool LeaveOut(const Rejection& rejection) {
    const auto* const made = std::ranges::find_if(codec::kClientMade, [&](const codec::ClientMade& one) {
      return codec::InfoOf(one.member).path == rejection.field;
    });
    if (made == codec::kClientMade.end() || !document.present[Index(made->member)]) return false;
    std::string_view& text = document.slots[Index(made->member)].text;
    const bool cut = rejection.code == RejectionCode::kOutOfRange && made->code_points_max > 0;
    if (cut) text = codec::FirstCodePoints(text, made->code_points_max);
    if (!cut) document.present[Index(made->member)] = false;
    return true;
  }

  [[nodiscard]] bool ReadWhatCanBeRead(const Record& record, Event& event, Rejection& rejection) {
    left_out.reset();
    while (!ReadEvent(record, event, rejection)) {
      if (!LeaveOut(rejection)) return false;
      if (!left_out) left_out = std::move(rejection);
    }
    return true;
  }
};

EventDecoder::EventDecoder(DecodeLimits limits) : impl_(std::make_unique<Impl>(limits)) {}
EventDecoder::~EventDecoder() = default;
EventDecoder::EventDecoder(EventDecoder&&) noexcept = default;
EventDecoder& EventDecoder::operator=(EventDecoder&&) noexcept = default;

Result<Done, Rejection> EventDecoder::Decode(const Record& record, Event& event) {
  if (record.value.empty()) return Rejection{RejectionCode::kEmptyRecord, "", "no value"};
  if (record.value.size() > impl_->limits.bytes_max) {
    return Rejection{RejectionCode::kTooLarge, "",
                     "longer than " + std::to_string(impl_->limits.bytes_max) + " bytes"};
  }
  Fault fault;
  if (!impl_->ReadDocument(record, fault)) {
    return Rejection{fault.code, std::string(fault.field), std::string(fault.detail)};
  }
  Rejection rejection;
  if (!impl_->ReadWhatCanBeRead(record, event, rejection)) return rejection;
  return Done{};
}

const Rejection* EventDecoder::left_out() const { return impl_->left_out ? &*impl_->left_out : nullptr; }

uint64_t EventDecoder::unknown_members() const { return impl_->unknown_members; }

}  // namespace tocsin::schemas
