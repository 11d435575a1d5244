// Zendesk. The case is the ticket's external id; creation is idempotent for two hours by a key of its own.
// What agents decide are the tags tocsin_fraud and tocsin_false_positive: those of a drop-down field's
// options. A ticket that Zendesk has closed for good is gone for us: news of its case make another one.
#include <algorithm>
#include <array>
#include <utility>

#include "base/json_writer.h"
#include "daemon/delivery/ticket_http.h"
#include "daemon/delivery/ticket_markup.h"

namespace tocsin::daemon {
namespace {

using simdjson::dom::element;

constexpr int kPagesMax = 200;  // Of 1,000 tickets at most.

class Zendesk final : public TicketSystem {
 public:
  Zendesk(const TicketsConfig& config, HttpClientOptions options)
      : config_(config), http_(config, "Bearer ", std::move(options)) {}

  TicketResult<Done> Check() override {
    const auto me = http_.Get("/api/v2/users/me");
    if (!me) return me.error();
    const std::string role = TextAt(*me, "/user/role");  // Who gave no token is an end user without a name.
    if (role != "agent" && role != "admin") return SendOutcome::Retry("permission_denied");
    const auto fields = http_.Get("/api/v2/ticket_fields");
    if (!fields) return fields.error();
    bool fraud = false;
    bool false_positive = false;
    for (const element& field : ListAt(*fields, "/ticket_fields")) {
      for (const element& option : ListAt(field, "/custom_field_options")) {
        const TicketOutcome outcome = OutcomeNamed(TextAt(option, "/value"));
        fraud = fraud || outcome == TicketOutcome::kFraud;
        false_positive = false_positive || outcome == TicketOutcome::kFalsePositive;
      }
    }
    if (!fraud || !false_positive) return SendOutcome::Retry("outcome_field_missing");
    return Done{};
  }

  TicketResult<std::string> Find(const std::string& case_id) override {
    const auto answer = http_.Get("/api/v2/tickets?external_id=" + PercentEncoded(case_id));
    if (!answer) return answer.error();
    for (const element& item : ListAt(*answer, "/tickets")) {
      if (TextAt(item, "/status") != "closed") return TextAt(item, "/id");
    }
    return std::string();
  }

  TicketResult<std::string> Create(const Parcel& operation) override {
    std::string body;
    JsonWriter json(body);
    json.BeginObject().Key("ticket").BeginObject().Member("subject", operation.subject);
    WriteComment(json, operation);
    if (!config_.requester.empty()) {
      json.Key("requester").BeginObject().Member("name", "Tocsin");
      json.Member("email", config_.requester).EndObject();
    }
    json.Member("priority", Name(operation.priority)).Member("external_id", operation.case_id);
    json.Key("tags").BeginArray().String("tocsin").EndArray();
    json.EndObject().EndObject();
    const auto answer =
        http_.Send("POST", "/api/v2/tickets", std::move(body), {{"Idempotency-Key", operation.id}});
    if (!answer) return answer.error();
    std::string made = TextAt(*answer, "/ticket/id");
    if (made.empty()) return SendOutcome::Retry("no_ticket_id");
    return made;
  }

  TicketResult<Done> Append(const std::string& ticket, const Parcel& operation) override {
    std::string body;
    JsonWriter json(body);
    json.BeginObject().Key("ticket").BeginObject();
    WriteComment(json, operation);
    json.EndObject().EndObject();
    return Put(ticket, std::move(body));
  }

  TicketResult<bool> Holds(const std::string& ticket, const std::string& operation_id) override {
    const auto answer = http_.Get("/api/v2/tickets/" + PercentEncoded(ticket) + "/comments?sort_order=desc");
    if (!answer) return answer.error();
    const std::string mark = OperationMark(operation_id);
    for (const element& comment : ListAt(*answer, "/comments")) {
      if (TextAt(comment, "/body").find(mark) != std::string::npos) return true;
    }
    return false;
  }

  TicketResult<Done> SetState(const KnownTicket& ticket, const TicketChange& change) override {
    std::string body;
    JsonWriter json(body);
    json.BeginObject().Key("ticket").BeginObject().MemberIf("subject", change.subject);
    if (change.priority) json.Member("priority", Name(*change.priority));
    if (change.stage == TicketChange::Stage::kClose) json.Member("status", "solved");
    if (change.stage == TicketChange::Stage::kReopen) json.Member("status", "open");
    json.EndObject().EndObject();
    return Put(ticket.ticket, std::move(body));
  }

  TicketResult<KnownTicket> Look(const std::string& ticket) override {
    // A name that another system gave. Zendesk refuses the question.
    if (ticket.find_first_not_of("0123456789") != std::string::npos) return SendOutcome::Refused("gone");
    const auto answer = http_.Get("/api/v2/tickets/" + PercentEncoded(ticket));
    if (!answer && answer.error().reason == "http_404") return SendOutcome::Refused("gone");
    if (!answer) return answer.error();
    element found;
    if (answer->at_key("ticket").get(found) != simdjson::SUCCESS) return SendOutcome::Retry("no_ticket");
    if (TextAt(found, "/status") == "closed") return SendOutcome::Refused("gone");
    return Read(found);
  }

  // By the export of the search: the search itself ends at 1,000 results.
  TicketResult<TicketList> List(Timestamp since) override {
    const std::string path = "/api/v2/search/export?filter%5Btype%5D=ticket&page%5Bsize%5D=1000&query=" +
                             PercentEncoded("tags:tocsin updated>=" + FormatRfc3339(since).substr(0, 10));
    std::string after;
    TicketList list{.cut = true};
    for (int page = 1; page <= kPagesMax && list.cut; ++page) {
      const auto answer =
          http_.Get(path + (after.empty() ? "" : "&page%5Bafter%5D=" + PercentEncoded(after)));
      if (!answer) return answer.error();
      for (const element& item : ListAt(*answer, "/results")) {
        if (TextAt(item, "/status") != "closed") list.tickets.push_back(Read(item));
      }
      after = TextAt(*answer, "/meta/after_cursor");
      bool more = false;
      list.cut = answer->at_pointer("/meta/has_more").get(more) == simdjson::SUCCESS && more;
    }
    std::ranges::sort(list.tickets, {}, [](const KnownTicket& ticket) {
      return std::pair(ticket.ticket.size(), std::string_view(ticket.ticket));  // By number: by age.
    });
    return list;
  }

  TicketResult<Done> Merge(const std::string& twin, const std::string& ticket) override {
    const std::string body = R"({"ids":[)" + twin + R"(],"target_comment":"Tocsin: the same case",)" +
                             R"("target_comment_is_public":false,"source_comment_is_public":false})";
    const auto answer = http_.Send("POST", "/api/v2/tickets/" + PercentEncoded(ticket) + "/merge", body);
    if (!answer) return answer.error();
    return Done{};
  }

  [[nodiscard]] std::chrono::seconds search_lag() const override { return std::chrono::seconds(5); }

 private:
  static const char* Name(schemas::Priority priority) {
    constexpr std::array<const char*, 5> kNames = {"low", "urgent", "high", "normal", "low"};
    return kNames[static_cast<size_t>(priority)];
  }

  static void WriteComment(JsonWriter& json, const Parcel& operation) {
    json.Key("comment").BeginObject();
    json.Member("html_body", HtmlOf(operation.text + "\n\n" + OperationMark(operation.id)));
    json.Member("public", false);
    json.EndObject();
  }

  [[nodiscard]] static KnownTicket Read(const element& item) {
    KnownTicket read{.ticket = TextAt(item, "/id"),
                     .case_id = TextAt(item, "/external_id"),
                     .subject = TextAt(item, "/subject")};
    const std::string status = TextAt(item, "/status");
    read.stage = status == "solved" || status == "closed" ? TicketStage::kClosed
                 : status == "new"                        ? TicketStage::kNew
                                                          : TicketStage::kOpen;
    for (const element& tag : ListAt(item, "/tags")) read.Decide(OutcomeNamed(TextAt(tag, "")));
    return read;
  }

  TicketResult<Done> Put(const std::string& ticket, std::string body) {
    const auto answer = http_.Send("PUT", "/api/v2/tickets/" + PercentEncoded(ticket), std::move(body));
    if (!answer) return answer.error();
    return Done{};
  }

  const TicketsConfig& config_;
  TicketHttp http_;
};

}  // namespace

std::unique_ptr<TicketSystem> MakeZendesk(const TicketsConfig& config, HttpClientOptions options) {
  return std::make_unique<Zendesk>(config, std::move(options));
}

}  // namespace tocsin::daemon
