// Jira Service Management, by the interface of the platform (REST 2): it takes labels with the creation,
// which the one of the service desk does not. The case is the label tocsin-<case>, what an agent decides is
// the label tocsin-fraud or tocsin-false-positive, and nothing as long as it has both. Searches may be a
// minute behind. A state is reached by whatever transition leads to its category.
#include <algorithm>
#include <array>

#include "base/json_writer.h"
#include "daemon/delivery/ticket_http.h"
#include "daemon/delivery/ticket_markup.h"

namespace tocsin::daemon {
namespace {

using simdjson::dom::element;

constexpr int kPagesMax = 200;
constexpr std::string_view kLabel = "tocsin";
// A text field of Jira takes 32,767; what is longer is refused. The mark of an operation has to fit as well.
constexpr size_t kTextMax = 32'000;

class Jira final : public TicketSystem {
 public:
  Jira(const TicketsConfig& config, HttpClientOptions options)
      : config_(config), http_(config, "Bearer ", std::move(options)) {}

  TicketResult<Done> Check() override {
    const auto project = http_.Get("/rest/api/2/project/" + PercentEncoded(config_.queue));
    // It does not say whether there is none of that key, or none that we may see.
    if (!project && project.error().reason == "http_404") {
      // Nor whether it is a Jira that says so: there this page is always found.
      const auto itself = http_.Get("/rest/api/2/serverInfo");
      return itself ? SendOutcome::Retry("queue_missing") : itself.error();
    }
    if (!project) return project.error();
    const bool known = std::ranges::any_of(ListAt(*project, "/issueTypes"), [this](const element& type) {
      return TextAt(type, "/name") == config_.request_type;
    });
    return known ? TicketResult<Done>(Done{}) : SendOutcome::Retry("request_type_missing");
  }

  TicketResult<std::string> Find(const std::string& case_id) override {
    const TicketResult<TicketList> found =
        Search("labels = \"" + LabelOf(case_id) + "\" ORDER BY created ASC");
    if (!found) return found.error();
    return found->tickets.empty() ? std::string() : found->tickets.front().ticket;
  }

  TicketResult<std::string> Create(const Parcel& operation) override {
    std::string body;
    JsonWriter json(body);
    json.BeginObject().Key("fields").BeginObject();
    json.Key("project").BeginObject().Member("key", config_.queue).EndObject();
    json.Key("issuetype").BeginObject().Member("name", config_.request_type).EndObject();
    json.Member("summary", operation.subject).Member("description", WordsOf(operation));
    WriteDue(json, operation.due.first_reply);
    json.Key("priority").BeginObject().Member("name", Name(operation.priority)).EndObject();
    json.Key("labels").BeginArray().String(kLabel).String(LabelOf(operation.case_id)).EndArray();
    json.EndObject().EndObject();
    const auto answer = http_.Send("POST", "/rest/api/2/issue", std::move(body));
    if (!answer) return answer.error();
    std::string made = TextAt(*answer, "/key");
    if (made.empty()) return SendOutcome::Retry("no_ticket_id");
    return made;
  }

  TicketResult<Done> Append(const std::string& ticket, const Parcel& operation) override {
    std::string body;
    JsonWriter json(body);
    json.BeginObject().Member("body", WordsOf(operation) + "\n\n" + OperationMark(operation.id));
    // For staff only.
    json.Key("properties").BeginArray().BeginObject().Member("key", "sd.public.comment");
    json.Key("value").BeginObject().Member("internal", true).EndObject().EndObject().EndArray();
    json.EndObject();
    const auto answer = http_.Send("POST", PathOf(ticket) + "/comment", std::move(body));
    if (!answer) return answer.error();
    return Done{};
  }

  TicketResult<bool> Holds(const std::string& ticket, const std::string& operation_id) override {
    const auto answer = http_.Get(PathOf(ticket) + "/comment?orderBy=-created&maxResults=100");
    if (!answer) return answer.error();
    const std::string mark = OperationMark(operation_id);
    return std::ranges::any_of(ListAt(*answer, "/comments"), [&](const element& comment) {
      return TextAt(comment, "/body").find(mark) != std::string::npos;
    });
  }

  TicketResult<Done> SetState(const KnownTicket& ticket, const TicketChange& change) override {
    std::string body;
    JsonWriter json(body);
    json.BeginObject().Key("fields").BeginObject();
    json.MemberIf("summary", change.subject);
    if (change.priority)
      json.Key("priority").BeginObject().Member("name", Name(*change.priority)).EndObject();
    WriteDue(json, change.due);
    json.EndObject().EndObject();
    const auto answer = http_.Send("PUT", PathOf(ticket.ticket), std::move(body));
    if (!answer) return answer.error();
    if (change.stage == TicketChange::Stage::kClose) return Move(ticket.ticket, {"done"});
    if (change.stage == TicketChange::Stage::kReopen) return Move(ticket.ticket, {"indeterminate", "new"});
    return Done{};
  }

  TicketResult<KnownTicket> Look(const std::string& ticket) override {
    const auto answer = http_.Get(PathOf(ticket) + "?fields=summary,status,labels");
    if (!answer && answer.error().reason == "http_404") return SendOutcome::Refused("gone");
    if (!answer) return answer.error();
    KnownTicket read = Read(*answer);
    // It was a twin: another one carries the case.
    if (read.case_id.empty()) return SendOutcome::Refused("gone");
    return read;
  }

  TicketResult<TicketList> List(Timestamp since) override {
    return Search("labels = tocsin AND updated >= \"" + FormatRfc3339(since).substr(0, 10) +
                  "\" ORDER BY created ASC");
  }

  // There is no merging: the twin is linked, loses the label of the case, and is closed.
  TicketResult<Done> Merge(const std::string& twin, const std::string& ticket) override {
    const TicketResult<KnownTicket> known = Look(twin);
    if (!known) return known.error();
    std::string link;
    JsonWriter json(link);
    json.BeginObject().Key("type").BeginObject().Member("name", "Duplicate").EndObject();
    json.Key("inwardIssue").BeginObject().Member("key", twin).EndObject();
    json.Key("outwardIssue").BeginObject().Member("key", ticket).EndObject().EndObject();
    const auto linked = http_.Send("POST", "/rest/api/2/issueLink", std::move(link));
    if (!linked) return linked.error();
    std::string labels;
    JsonWriter change(labels);
    change.BeginObject().Key("update").BeginObject().Key("labels").BeginArray().BeginObject();
    change.Member("remove", LabelOf(known->case_id)).EndObject().EndArray().EndObject().EndObject();
    const auto removed = http_.Send("PUT", PathOf(twin), std::move(labels));
    if (!removed) return removed.error();
    return known->stage == TicketStage::kClosed ? TicketResult<Done>(Done{}) : Move(twin, {"done"});
  }

  [[nodiscard]] std::chrono::seconds search_lag() const override { return std::chrono::seconds(60); }

 private:
  static const char* Name(schemas::Priority priority) {
    constexpr std::array<const char*, 5> kNames = {"Low", "Highest", "High", "Medium", "Low"};
    return kNames[static_cast<size_t>(priority)];
  }
  static std::string LabelOf(const std::string& case_id) { return std::string(kLabel) + "-" + case_id; }
  static bool IsLabelOfCase(std::string_view name) {
    constexpr size_t kDigits = 32;
    return name.size() == kLabel.size() + 1 + kDigits && name.starts_with(LabelOf("")) &&
           name.find_first_not_of("0123456789abcdef", kLabel.size() + 1) == std::string_view::npos;
  }
  static std::string PathOf(const std::string& ticket) {
    return "/rest/api/2/issue/" + PercentEncoded(ticket);
  }
  static std::string WordsOf(const Parcel& operation) {
    return CutLines(JiraMarkupOf(operation.text), kTextMax);
  }
  // Jira knows days only.
  static void WriteDue(JsonWriter& json, const std::optional<Timestamp>& due) {
    if (due) json.Member("duedate", FormatRfc3339(*due).substr(0, 10));
  }

  [[nodiscard]] static KnownTicket Read(const element& item) {
    KnownTicket read{.ticket = TextAt(item, "/key"), .subject = TextAt(item, "/fields/summary")};
    const std::string category = TextAt(item, "/fields/status/statusCategory/key");
    read.stage = category == "done"  ? TicketStage::kClosed
                 : category == "new" ? TicketStage::kNew
                                     : TicketStage::kOpen;
    for (const element& label : ListAt(item, "/fields/labels")) {
      const std::string name = TextAt(label, "");
      read.Decide(OutcomeNamed(name));
      // Agents have labels of their own that begin like ours.
      if (IsLabelOfCase(name)) read.case_id = name.substr(kLabel.size() + 1);
    }
    return read;
  }

  TicketResult<TicketList> Search(const std::string& condition) {
    const std::string jql = "project = \"" + config_.queue + "\" AND " + condition;
    TicketList list{.cut = true};
    std::string next;
    for (int page = 0; page < kPagesMax && list.cut; ++page) {
      const auto answer =
          http_.Get("/rest/api/2/search/jql?fields=status,labels&maxResults=100&jql=" + PercentEncoded(jql) +
                    (next.empty() ? "" : "&nextPageToken=" + PercentEncoded(next)));
      if (!answer) return answer.error();
      for (const element& item : ListAt(*answer, "/issues")) list.tickets.push_back(Read(item));
      next = TextAt(*answer, "/nextPageToken");
      list.cut = !next.empty();
    }
    return list;
  }

  // By the first transition that leads to a state of the category; of several categories the first that has
  // one.
  TicketResult<Done> Move(const std::string& ticket, const std::vector<std::string_view>& categories) {
    const auto answer = http_.Get(PathOf(ticket) + "/transitions");
    if (!answer) return answer.error();
    std::string id;
    for (const std::string_view category : categories) {
      for (const element& transition : ListAt(*answer, "/transitions")) {
        if (id.empty() && TextAt(transition, "/to/statusCategory/key") == category)
          id = TextAt(transition, "/id");
      }
    }
    if (id.empty()) return SendOutcome::Retry("no_transition");
    std::string body;
    JsonWriter json(body);
    json.BeginObject().Key("transition").BeginObject().Member("id", id).EndObject().EndObject();
    const auto moved = http_.Send("POST", PathOf(ticket) + "/transitions", std::move(body));
    if (!moved) return moved.error();
    return Done{};
  }

  const TicketsConfig& config_;
  TicketHttp http_;
};

}  // namespace

std::unique_ptr<TicketSystem> MakeJira(const TicketsConfig& config, HttpClientOptions options) {
  return std::make_unique<Jira>(config, std::move(options));
}

}  // namespace tocsin::daemon
