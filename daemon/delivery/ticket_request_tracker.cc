// Request Tracker 5 (REST 2). The case is in a custom field of the queue. What was learnt from a real one:
//
//   - A custom field that it does not know is ignored, and 201 is the answer: whether the queue has it is
//     asked first.
//   - A value of a unique field that another ticket has is left out, and 201 is the answer: a ticket that was
//     made is read back, and is merged into the other one when its field is empty.
//   - PUT answers 200 whatever it did not do; its texts say so, in the language of the user.
//   - It shows a priority as the word of the highest number not above it: Low 0, Medium 50, High 100 as it
//     comes. So P1 is 100.
//   - HTML is shown as far as it knows it: headings, lists, tables and <pre> are, <code> is not.
//   - A time is dropped without a word when it has a fraction of a second, and by PUT also when it is written
//     with T and Z.
//   - A ticket that was merged shows as the one that it is a part of. Its own fields, which are not merged,
//     are shown by a search alone that names EffectiveId.
//   - A search answers from the database: what was made is found at once. Only a request that is still being
//     worked on is not seen.
#include "base/json_writer.h"
#include "daemon/delivery/ticket_http.h"
#include "daemon/delivery/ticket_markup.h"

namespace tocsin::daemon {
namespace {

using simdjson::dom::element;

constexpr int kPageItems = 100;
constexpr int kPagesMax = 200;

class RequestTracker final : public TicketSystem {
 public:
  RequestTracker(const TicketsConfig& config, HttpClientOptions options)
      : config_(config), http_(config, "token ", std::move(options)) {}

  TicketResult<Done> Check() override {
    if (TicketResult<Done> ready = CheckQueue(); !ready) return ready;
    if (config_.poll > std::chrono::seconds(0) && !outcome_seen_)
      return SendOutcome::Retry("outcome_field_missing");
    return Done{};
  }

  TicketResult<std::string> Find(const std::string& case_id) override {
    const std::string query =
        "Queue = '" + config_.queue + "' AND 'CF.{" + config_.case_field + "}' = '" + case_id + "'";
    const auto answer = http_.Get("/REST/2.0/tickets?orderby=id&query=" + PercentEncoded(query));
    if (!answer) return answer.error();
    return TextAt(*answer, "/items/0/id");
  }

  TicketResult<std::string> Create(const Parcel& operation) override {
    if (TicketResult<Done> ready = CheckQueue(); !ready) return ready.error();
    std::string body;
    JsonWriter json(body);
    json.BeginObject().Member("Queue", config_.queue).Member("Subject", operation.subject);
    json.MemberIf("Requestor", config_.requester);
    WriteWords(json, operation);
    json.Member("Priority", Number(operation.priority));
    if (operation.due.first_reply) json.Member("Due", Text(*operation.due.first_reply, 'T') + "Z");
    json.Key("CustomFields").BeginObject().Member(config_.case_field, operation.case_id).EndObject();
    json.EndObject();
    const auto answer = http_.Send("POST", "/REST/2.0/ticket", std::move(body));
    if (!answer) return answer.error();
    const std::string made = TextAt(*answer, "/id");
    if (made.empty()) return SendOutcome::Retry("no_ticket_id");
    const TicketResult<KnownTicket> kept = Look(made);
    if (!kept) return kept.error();
    if (kept->case_id == operation.case_id) return made;
    const TicketResult<std::string> other = Find(operation.case_id);
    if (!other) return other.error();
    if (other->empty()) return SendOutcome::Retry("case_field_not_kept");
    if (TicketResult<Done> merged = Merge(made, *other); !merged) return merged.error();
    return *other;
  }

  TicketResult<Done> Append(const std::string& ticket, const Parcel& operation) override {
    std::string body;
    JsonWriter json(body);
    json.BeginObject().Member("Subject", OperationMark(operation.id));
    WriteWords(json, operation);
    json.EndObject();
    const auto answer =
        http_.Send("POST", "/REST/2.0/ticket/" + PercentEncoded(ticket) + "/comment", std::move(body));
    if (!answer) return answer.error();
    return Done{};
  }

  TicketResult<bool> Holds(const std::string& ticket, const std::string& operation_id) override {
    const std::string query = "ObjectType = 'RT::Ticket' AND ObjectId = " + ticket + " AND Subject = '" +
                              OperationMark(operation_id) + "'";
    const auto answer = http_.Get("/REST/2.0/transactions?query=" + PercentEncoded(query));
    if (!answer) return answer.error();
    return !TextAt(*answer, "/items/0/id").empty();
  }

  TicketResult<Done> SetState(const KnownTicket& ticket, const TicketChange& change) override {
    std::string body;
    JsonWriter json(body);
    json.BeginObject().MemberIf("Subject", change.subject);
    if (change.priority) json.Member("Priority", Number(*change.priority));
    if (change.stage == TicketChange::Stage::kClose) json.Member("Status", "resolved");
    if (change.stage == TicketChange::Stage::kReopen) json.Member("Status", "open");
    if (change.due) json.Member("Due", Text(*change.due, ' '));
    json.EndObject();
    if (TicketResult<Done> put = Put(ticket.ticket, std::move(body)); !put) return put;
    if (change.stage == TicketChange::Stage::kKeep) return Done{};
    const TicketResult<KnownTicket> now = Look(ticket.ticket);
    if (!now) return now.error();
    const bool closed = now->stage == TicketStage::kClosed;
    if (closed != (change.stage == TicketChange::Stage::kClose)) return SendOutcome::Retry("state_not_taken");
    return Done{};
  }

  TicketResult<KnownTicket> Look(const std::string& ticket) override {
    const auto answer = http_.Get("/REST/2.0/ticket/" + PercentEncoded(ticket));
    if (!answer && answer.error().reason == "http_404") return SendOutcome::Refused("gone");
    if (!answer) return answer.error();
    if (TextAt(*answer, "/Status") == "deleted") return SendOutcome::Refused("gone");
    KnownTicket read = Read(*answer);
    if (read.ticket == ticket) return read;
    const std::string query = "EffectiveId = " + read.ticket + " AND id = " + ticket;
    const auto parts = http_.Get("/REST/2.0/tickets?fields=CustomFields&query=" + PercentEncoded(query));
    if (!parts) return parts.error();
    const std::vector<element> items = ListAt(*parts, "/items");
    const std::string case_id = items.empty() ? std::string() : Read(items.front()).case_id;
    // A twin of the same case has none, or the same.
    if (case_id.empty() || case_id == read.case_id) return read;
    read.case_id = case_id;
    read.merged = true;
    return read;
  }

  TicketResult<TicketList> List(Timestamp since) override {
    // RT reads dates in its user's zone: a day, so that it does not matter.
    const std::string day = FormatRfc3339(since - std::chrono::hours(24)).substr(0, 10);
    const std::string query = "Queue = '" + config_.queue + "' AND LastUpdated >= '" + day + "'";
    TicketList list{.cut = true};
    for (int page = 1; page <= kPagesMax && list.cut; ++page) {
      const auto answer = http_.Get(
          "/REST/2.0/tickets?orderby=id&fields=Subject,Status,CustomFields&per_page=" +
          std::to_string(kPageItems) + "&page=" + std::to_string(page) + "&query=" + PercentEncoded(query));
      if (!answer) return answer.error();
      const std::vector<element> items = ListAt(*answer, "/items");
      for (const element& item : items) list.tickets.push_back(Read(item));
      list.cut = items.size() == kPageItems;
    }
    return list;
  }

  TicketResult<Done> Merge(const std::string& twin, const std::string& ticket) override {
    std::string body;
    JsonWriter(body).BeginObject().Member("MergeInto", ticket).EndObject();
    return Put(twin, std::move(body));
  }

  // No longer than a request of ours may take to be carried out.
  [[nodiscard]] std::chrono::seconds search_lag() const override { return std::chrono::seconds(3); }

 private:
  static std::string Text(Timestamp at, char separator) {
    std::string text = FormatRfc3339(at).substr(0, 19);
    text[10] = separator;
    return text;
  }
  static int64_t Number(schemas::Priority priority) { return 125 - 25 * static_cast<int64_t>(priority); }
  static void WriteWords(JsonWriter& json, const Parcel& operation) {
    json.Member("Content", HtmlOf(operation.text)).Member("ContentType", "text/html");
  }

  [[nodiscard]] KnownTicket Read(const element& item) const {
    KnownTicket read{.ticket = TextAt(item, "/id"), .subject = TextAt(item, "/Subject")};
    const std::string status = TextAt(item, "/Status");
    const bool closed = status == "resolved" || status == "rejected" || status == "deleted";
    read.stage = closed ? TicketStage::kClosed : status == "new" ? TicketStage::kNew : TicketStage::kOpen;
    for (const element& field : ListAt(item, "/CustomFields")) {
      const std::string name = TextAt(field, "/name");
      if (name == config_.case_field) read.case_id = TextAt(field, "/values/0");
      if (name == config_.outcome_field) read.outcome = OutcomeNamed(TextAt(field, "/values/0"));
    }
    return read;
  }

  TicketResult<Done> Put(const std::string& ticket, std::string body) {
    const auto answer = http_.Send("PUT", "/REST/2.0/ticket/" + PercentEncoded(ticket), std::move(body));
    if (!answer) return answer.error();
    for (const element& text :
         simdjson::dom::element(*answer).is_array() ? ListAt(*answer, "") : std::vector<element>{}) {
      std::string_view said;
      if (text.get(said) == simdjson::SUCCESS && said.find("Permission Denied") != std::string_view::npos)
        return SendOutcome::Retry("permission_denied");
    }
    return Done{};
  }

  TicketResult<Done> CheckQueue() {
    if (queue_checked_) return Done{};
    const auto answer = http_.Get("/REST/2.0/queue/" + PercentEncoded(config_.queue));
    // It does not say whether there is none of that name, or none that we may see.
    const bool unseen =
        !answer && (answer.error().reason == "http_404" || answer.error().reason == "http_403");
    if (unseen) {
      // Nor whether it is a Request Tracker that says so: there this page is always found.
      const auto itself = http_.Get("/REST/2.0/rt");
      return itself ? SendOutcome::Retry("queue_missing") : itself.error();
    }
    if (!answer) return answer.error();
    for (const element& field : ListAt(*answer, "/TicketCustomFields")) {
      queue_checked_ = queue_checked_ || TextAt(field, "/name") == config_.case_field;
      outcome_seen_ = outcome_seen_ || TextAt(field, "/name") == config_.outcome_field;
    }
    if (!queue_checked_) return SendOutcome::Retry("case_field_missing");
    return Done{};
  }

  const TicketsConfig& config_;
  TicketHttp http_;
  bool queue_checked_ = false;
  bool outcome_seen_ = false;  // Without it tickets are made, and what agents decide is not heard of.
};

}  // namespace

std::unique_ptr<TicketSystem> MakeRequestTracker(const TicketsConfig& config, HttpClientOptions options) {
  return std::make_unique<RequestTracker>(config, std::move(options));
}

}  // namespace tocsin::daemon
