// Zammad. The case and the outcome are attributes of tickets that an administrator adds. The search index may
// be half a minute behind.
#include <algorithm>

#include "base/json_writer.h"
#include "daemon/delivery/ticket_http.h"
#include "daemon/delivery/ticket_markup.h"

namespace tocsin::daemon {
namespace {

using schemas::Priority;
using simdjson::dom::element;

constexpr int kPageItems = 100;
constexpr int kPagesMax = 100;

class Zammad final : public TicketSystem {
 public:
  Zammad(const TicketsConfig& config, HttpClientOptions options)
      : config_(config), http_(config, "Token token=", std::move(options)) {}

  // Who may make tickets need not be allowed to list groups and attributes.
  TicketResult<Done> Check() override {
    if (const auto me = http_.Get("/api/v1/users/me"); !me) return me.error();
    const TicketResult<Done> group = Lists("/api/v1/groups", config_.queue, "queue_missing");
    if (!group && group.error().reason != kNotShown) return group;
    constexpr const char* kFields = "/api/v1/object_manager_attributes";
    const TicketResult<Done> field = Lists(kFields, config_.case_field, "case_field_missing");
    if (!field) return field;
    if (config_.poll == std::chrono::seconds(0)) return group;
    const TicketResult<Done> outcome = Lists(kFields, config_.outcome_field, "outcome_field_missing");
    return outcome ? group : outcome;
  }

  TicketResult<std::string> Find(const std::string& case_id) override {
    const TicketResult<TicketList> found = Search(config_.case_field + ":" + case_id, 1);
    if (!found) return found.error();
    return found->tickets.empty() ? std::string() : found->tickets.front().ticket;
  }

  TicketResult<std::string> Create(const Parcel& operation) override {
    std::string body;
    JsonWriter json(body);
    json.BeginObject().Member("title", operation.subject).Member("group", config_.queue);
    json.Member("customer_id", "guess:" + config_.requester).Member("priority", Name(operation.priority));
    json.Member(config_.case_field, operation.case_id);
    json.Key("article").BeginObject().Member("subject", operation.subject);
    WriteArticle(json, operation);
    json.EndObject().EndObject();
    const auto answer = http_.Send("POST", "/api/v1/tickets", std::move(body));
    if (!answer) return answer.error();
    std::string made = TextAt(*answer, "/id");
    if (made.empty()) return SendOutcome::Retry("no_ticket_id");
    return made;
  }

  TicketResult<Done> Append(const std::string& ticket, const Parcel& operation) override {
    std::string body;
    JsonWriter json(body);
    json.BeginObject().Member("ticket_id", ticket).Member("subject", OperationMark(operation.id));
    WriteArticle(json, operation);
    json.EndObject();
    const auto answer = http_.Send("POST", "/api/v1/ticket_articles", std::move(body));
    if (!answer) return answer.error();
    return Done{};
  }

  TicketResult<bool> Holds(const std::string& ticket, const std::string& operation_id) override {
    const auto answer = http_.Get("/api/v1/ticket_articles/by_ticket/" + PercentEncoded(ticket));
    if (!answer) return answer.error();
    const std::string mark = OperationMark(operation_id);
    return std::ranges::any_of(ListAt(*answer, ""),
                               [&](const element& article) { return TextAt(article, "/subject") == mark; });
  }

  TicketResult<Done> SetState(const KnownTicket& ticket, const TicketChange& change) override {
    std::string body;
    JsonWriter json(body);
    json.BeginObject().MemberIf("title", change.subject);
    if (change.priority) json.Member("priority", Name(*change.priority));
    if (change.stage == TicketChange::Stage::kClose) json.Member("state", "closed");
    if (change.stage == TicketChange::Stage::kReopen) json.Member("state", "open");
    json.EndObject();
    const auto answer =
        http_.Send("PUT", "/api/v1/tickets/" + PercentEncoded(ticket.ticket), std::move(body));
    if (!answer) return answer.error();
    return Done{};
  }

  TicketResult<KnownTicket> Look(const std::string& ticket) override {
    const auto answer = http_.Get("/api/v1/tickets/" + PercentEncoded(ticket) + "?expand=true");
    if (!answer && answer.error().reason == "http_404") return SendOutcome::Refused("gone");
    if (!answer) return answer.error();
    // Its words are in another one now, which carries the case.
    if (TextAt(*answer, "/state") == "merged") return SendOutcome::Refused("gone");
    return Read(*answer);
  }

  TicketResult<TicketList> List(Timestamp since) override {
    const std::string day = FormatRfc3339(since).substr(0, 10);
    return Search(config_.case_field + ":* AND updated_at:>=" + day, kPagesMax);
  }

  TicketResult<Done> Merge(const std::string& twin, const std::string& ticket) override {
    const auto target = http_.Get("/api/v1/tickets/" + PercentEncoded(ticket));
    if (!target) return target.error();
    const std::string number = TextAt(*target, "/number");
    const auto answer =
        http_.Send("PUT", "/api/v1/ticket_merge/" + PercentEncoded(twin) + "/" + PercentEncoded(number), {});
    if (!answer) return answer.error();
    if (TextAt(*answer, "/result") != "success") return SendOutcome::Refused("not_merged");
    return Done{};
  }

  [[nodiscard]] std::chrono::seconds search_lag() const override { return std::chrono::seconds(30); }

 private:
  static const char* Name(Priority priority) {
    if (priority <= Priority::kP2) return "3 high";
    return priority == Priority::kP3 ? "2 normal" : "1 low";
  }

  static void WriteArticle(JsonWriter& json, const Parcel& operation) {
    json.Member("body", HtmlOf(operation.text)).Member("type", "note").Member("content_type", "text/html");
    json.Member("internal", true);
  }

  [[nodiscard]] KnownTicket Read(const element& item) const {
    KnownTicket read{.ticket = TextAt(item, "/id"),
                     .case_id = TextAt(item, "/" + config_.case_field),
                     .subject = TextAt(item, "/title")};
    const std::string state = TextAt(item, "/state");
    const bool closed = state == "closed" || state == "merged" || state == "removed";
    read.stage = closed ? TicketStage::kClosed : state == "new" ? TicketStage::kNew : TicketStage::kOpen;
    read.outcome = OutcomeNamed(TextAt(item, "/" + config_.outcome_field));
    return read;
  }

  // That a list has something of this name.
  TicketResult<Done> Lists(const char* path, const std::string& name, const char* missing) {
    const auto answer = http_.Get(path);
    if (!answer && answer.error().reason == "http_403") return SendOutcome::Retry(std::string(kNotShown));
    if (!answer) return answer.error();
    for (const element& item : ListAt(*answer, "")) {
      // Attributes are of several kinds of things; a group says none.
      const std::string of = TextAt(item, "/object");
      if (TextAt(item, "/name") == name && (of.empty() || of == "Ticket")) return Done{};
    }
    return SendOutcome::Retry(missing);
  }

  // Without those that were merged into others.
  TicketResult<TicketList> Search(const std::string& query, int pages) {
    TicketList list{.cut = true};
    for (int page = 1; page <= pages && list.cut; ++page) {
      const auto answer = http_.Get(
          "/api/v1/tickets/search?expand=true&sort_by=created_at&order_by=asc&per_page=" +
          std::to_string(kPageItems) + "&page=" + std::to_string(page) + "&query=" + PercentEncoded(query));
      if (!answer) return answer.error();
      const std::vector<element> items = ListAt(*answer, "");
      for (const element& item : items) {
        if (TextAt(item, "/state") != "merged") list.tickets.push_back(Read(item));
      }
      list.cut = items.size() == kPageItems;
    }
    return list;
  }

  const TicketsConfig& config_;
  TicketHttp http_;
};

}  // namespace

std::unique_ptr<TicketSystem> MakeZammad(const TicketsConfig& config, HttpClientOptions options) {
  return std::make_unique<Zammad>(config, std::move(options));
}

}  // namespace tocsin::daemon
