#include "daemon/service/admin.h"

#include <algorithm>
#include <charconv>
#include <map>

#include "base/json_writer.h"
#include "daemon/config/print_config.h"
#include "daemon/detection/account_view.h"
#include "daemon/detection/operator_event.h"
#include "daemon/engine/state_table.h"
#include "daemon/service/admin_parameters.h"
#include "daemon/service/log_line.h"
#include "schemas/encode.h"
#include "schemas/output_reader.h"

namespace tocsin::daemon {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kStateWait{3'000};
constexpr milliseconds kTapWait{5'000};
constexpr milliseconds kTurnWait{5'000};
constexpr std::string_view kAccounts = "/admin/v1/accounts/";
constexpr std::string_view kFindings = "/admin/v1/findings/";
constexpr std::string_view kExplanations = "/admin/v1/explanations/";
constexpr std::string_view kLetters = "/admin/v1/dead-letters/";

HttpResponse ProblemOf(const Error& error) {
  const bool conflict = error.code == ErrorCode::kConflict;
  return ProblemAnswer(error.code == ErrorCode::kNotFound ? 404 : conflict ? 409 : 503, error.ToString());
}

// What is asked of an account: {"erase", ID}; no id when it is neither that nor "allow".
struct AccountWord {
  std::string verb;
  std::string_view id;
};
AccountWord AccountWordOf(const HttpRequest& request) {
  const std::string_view rest = request.path.substr(kAccounts.size());
  const size_t slash = rest.rfind('/');
  if (slash == std::string_view::npos) return {};
  const std::string_view verb = rest.substr(slash + 1);
  if (verb != "erase" && verb != "allow") return {};
  return {std::string(verb), rest.substr(0, slash)};
}

// False: the body is none. Without an id it is of all that nobody has handled; an empty one is a mistake of
// who asks, and no way to say all.
bool ReadLetter(std::string_view body, std::string& id) {
  std::map<std::string, std::string, std::less<>> members;
  if (!ReadFlatObject(body, members) || members.size() > 1) return false;
  if (members.empty()) return true;
  id = members["id"];
  return members.size() == 1 && !id.empty();  // It had that name.
}

std::string LetterSubject(const HttpRequest& request) {
  std::string id;
  if (!ReadLetter(request.body, id)) return {};
  return id.empty() ? "all" : id;
}

}  // namespace

std::vector<HttpRoute> AdminInterface::Routes() {
  AdminGuard& guard = *parts_.guard;
  const auto looking = [&](const char* path, AdminGuard::Look answer) {
    return guard.Looking(path, [answer = std::move(answer)](const HttpRequest& request) {
      const std::string wrong = WrongParameter(request);
      return wrong.empty() ? answer(request) : ProblemAnswer(400, wrong);
    });
  };
  const auto look = [&](const char* path, HttpResponse (AdminInterface::*answer)(const HttpRequest&) const) {
    return looking(path, [this, answer](const HttpRequest& request) { return (this->*answer)(request); });
  };
  // Each takes as much memory as the feed: that must not grow with how many ask.
  const auto alone = [&](const char* path, HttpResponse (AdminInterface::*answer)(const HttpRequest&) const) {
    return looking(path, [this, answer](const HttpRequest& request) {
      const std::unique_lock turn(many_, kTurnWait);
      return turn ? (this->*answer)(request) : ProblemAnswer(503, "others ask for as much; ask again");
    });
  };
  const auto letters = [&](const char* path, const char* action, bool replay) {
    return guard.Changing(path, action, LetterSubject, [this, replay](const HttpRequest& request) {
      return HandleLetters(request, replay);
    });
  };
  return {
      guard.Looking("/admin/v1/status",
                    [this](const HttpRequest&) { return JsonAnswer(200, parts_.status()); }),
      guard.Looking("/admin/v1/config",
                    [this](const HttpRequest&) {
                      HttpResponse response = JsonAnswer(200, ConfigYaml(parts_.config->running()));
                      response.content_type = "application/yaml";
                      return response;
                    }),
      guard.Looking("/admin/v1/logs",
                    [this](const HttpRequest&) { return ListLines("lines", RecentLogLines()); }),
      looking("/admin/v1/audit",
              [this](const HttpRequest& request) {
                return ListLines("entries", parts_.audit->Newest(LimitOf(request, 100, 1'000)));
              }),
      looking("/admin/v1/erasures",
              [this](const HttpRequest& request) {
                return ListLines("entries", parts_.erasures->Newest(LimitOf(request, 100, 1'000)));
              }),
      guard.Changing(
          "/admin/v1/reload", "config.reload", [](const HttpRequest&) { return std::string(); },
          [this](const HttpRequest&) {
            const ReloadOutcome outcome = parts_.reload();
            return JsonAnswer(outcome.accepted ? 200 : 422, ReloadJson(outcome));
          }),
      look("/admin/v1/accounts/*", &AdminInterface::ShowAccount),
      guard.Changing(
          "/admin/v1/accounts/*", "account",
          [this](const HttpRequest& request) {
            const AccountWord said = AccountWordOf(request);
            return said.id.empty() ? std::string() : said.verb + " " + parts_.refs->Of(said.id);
          },
          [this](const HttpRequest& request) { return SayOfAccount(request); }),
      alone("/admin/v1/findings", &AdminInterface::ListFindings),
      alone("/admin/v1/findings/*", &AdminInterface::ShowFinding),
      look("/admin/v1/explanations/*", &AdminInterface::ExplainOne),
      alone("/admin/v1/cases", &AdminInterface::ListCases),
      look("/admin/v1/dead-letters", &AdminInterface::ListLetters),
      look("/admin/v1/dead-letters/*", &AdminInterface::ShowLetter),
      letters("/admin/v1/dead-letters/replay", "dead_letters.replay", true),
      letters("/admin/v1/dead-letters/drop", "dead_letters.drop", false),
      look("/admin/v1/tap", &AdminInterface::Tap),
  };
}

HttpResponse AdminInterface::ListLines(const char* name, const std::vector<std::string>& lines) const {
  std::string body;
  JsonWriter json(body);
  json.BeginObject().Key(name).BeginArray();
  for (const std::string& line : lines) json.Raw(line);
  json.EndArray().EndObject();
  return JsonAnswer(200, std::move(body));
}

HttpResponse AdminInterface::ShowAccount(const HttpRequest& request) const {
  const std::string_view id = request.path.substr(kAccounts.size());
  const StateDesk::Answer answer = parts_.states->Ask(id, kStateWait);
  if (!answer.state && !answer.complete) return ProblemAnswer(503, "not every worker answers now; ask again");
  if (!answer.state) {
    // The reference: of an account that was erased, it finds the erasure in the audit log.
    std::string body;
    JsonWriter(body)
        .BeginObject()
        .Member("error", "no partition of this process knows the account")
        .Member("account_ref", parts_.refs->Of(id))
        .EndObject();
    return JsonAnswer(404, std::move(body));
  }
  Account account;
  if (Result<Done> decoded = DecodeState(*answer.state, account); !decoded) return ProblemOf(decoded.error());
  if (QueryValue(request.query, "format") == "text") {
    HttpResponse response = JsonAnswer(200, ViewText(ViewOf(account)));
    response.content_type = "text/plain; charset=utf-8";
    return response;
  }
  std::string view = ViewJson(ViewOf(account));
  while (view.ends_with('\n')) view.pop_back();
  std::string body;
  JsonWriter(body)
      .BeginObject()
      .Member("account_ref", parts_.refs->Of(id))
      .Key("remembered")
      .Raw(view)
      .EndObject();
  return JsonAnswer(200, std::move(body));
}

// Why nothing would be allowed by it; "" where it would, or where another process holds the account.
std::string AdminInterface::WrongSubject(std::string_view account_id, const std::string& case_id,
                                         const std::string& finding_id) const {
  const StateDesk::Answer answer = parts_.states->Ask(account_id, kStateWait);
  Account account;
  if (!answer.state || !DecodeState(*answer.state, account)) return {};
  std::string known;
  for (const alerts::Case& one : account.cases.cases()) {
    const bool holds =
        std::ranges::find(one.findings, finding_id, &alerts::CaseFinding::finding_id) != one.findings.end();
    if (case_id.empty() ? holds : one.case_id == case_id) return {};
    known += (known.empty() ? "" : ", ") + one.case_id;
  }
  const std::string what =
      case_id.empty() ? "no case of the account holds such a finding" : "the account has no such case";
  return known.empty() ? what + ": it has none" : what + "; its cases are " + known;
}

// Now; of an account whose first event is dated ahead of our clock, the instant of that: an erasure from
// before the account erases nothing.
Timestamp AdminInterface::ErasedAt(std::string_view account_id) const {
  const Timestamp now = parts_.wall_clock();
  const StateDesk::Answer answer = parts_.states->Ask(account_id, kStateWait);
  Account account;
  if (!answer.state || !DecodeState(*answer.state, account)) return now;
  return std::max(now, account.detection.profile().first_seen);
}

// POST /admin/v1/accounts/ID/erase, or /allow with a case or a finding.
HttpResponse AdminInterface::SayOfAccount(const HttpRequest& request) const {
  const auto [verb, id] = AccountWordOf(request);
  if (id.empty()) return ProblemAnswer(404, "POST to /admin/v1/accounts/ID/erase or /allow");
  std::map<std::string, std::string, std::less<>> members;
  if (!ReadFlatObject(request.body, members)) return ProblemAnswer(400, "the body is an object of texts");
  for (const auto& [name, value] : members) {
    if (name != "case_id" && name != "finding_id" && name != "tenant")
      return ProblemAnswer(400, "the body knows case_id, finding_id and tenant");
  }
  OperatorEvent event;
  if (verb == "erase") {
    event = EraseEvent(id, members["tenant"], ErasedAt(id));
  } else {
    if (members["case_id"].empty() == members["finding_id"].empty())
      return ProblemAnswer(400, "give case_id or finding_id, one of the two");
    if (std::string wrong = WrongSubject(id, members["case_id"], members["finding_id"]); !wrong.empty())
      return ProblemAnswer(404, wrong);
    event = AllowEvent(id, members["tenant"], members["case_id"], members["finding_id"], parts_.wall_clock());
  }
  if (Result<Done> kept = parts_.keep(id, event.json); !kept) {
    return ProblemAnswer(kept.error().code == ErrorCode::kInvalid ? 400 : 503, kept.error().ToString());
  }
  std::string body;
  JsonWriter json(body);
  json.BeginObject().Member("event_id", event.event_id);
  if (verb == "erase" && parts_.kept_for) {
    const Timestamp now = parts_.wall_clock();
    json.Member("log_free_at", now + parts_.kept_for->log);
    json.Member("outputs_free_at", now + parts_.kept_for->outputs);
  }
  json.EndObject();
  return JsonAnswer(202, std::move(body));
}

HttpResponse AdminInterface::ListFindings(const HttpRequest& request) const {
  const size_t limit = LimitOf(request, 50, 1'000);
  const std::string account = QueryValue(request.query, "account");
  const std::string detector = QueryValue(request.query, "detector");
  std::vector<std::string> chosen;
  for (const FeedEntry& entry : parts_.feed->Newest(schemas::OutputKind::kFinding, LiveFeed::kEntriesMax)) {
    if (chosen.size() == limit) break;
    if (!account.empty() && entry.account != account) continue;
    if (!detector.empty()) {
      const auto members = schemas::PlainMembers(entry.value);
      const auto found = members.find("detector");
      if (found == members.end() || found->second != detector) continue;
    }
    chosen.push_back(entry.value);
  }
  return ListLines("findings", chosen);
}

HttpResponse AdminInterface::ShowFinding(const HttpRequest& request) const {
  const std::string_view id = request.path.substr(kFindings.size());
  for (const FeedEntry& entry : parts_.feed->Newest(schemas::OutputKind::kFinding, LiveFeed::kEntriesMax)) {
    const auto members = schemas::PlainMembers(entry.value);
    const auto found = members.find("finding_id");
    if (found != members.end() && found->second == id) return JsonAnswer(200, entry.value);
  }
  return ProblemAnswer(404,
                       "not among the newest findings of this process; the findings output has all of them");
}

HttpResponse AdminInterface::ExplainOne(const HttpRequest& request) const {
  Result<std::vector<Explanation>> explained =
      parts_.explain({.id = std::string(request.path.substr(kExplanations.size())),
                      .account = QueryValue(request.query, "account")});
  if (!explained) return ProblemOf(explained.error());
  HttpResponse response;
  const bool text = QueryValue(request.query, "format") == "text";
  response.body = text ? ExplanationsText(*explained) : ExplanationsJson(*explained);
  response.content_type = text ? "text/plain; charset=utf-8" : "application/x-ndjson";
  return response;
}

// One row for each case that the newest findings belong to, newest first, with what its newest ticket says.
HttpResponse AdminInterface::ListCases(const HttpRequest& request) const {
  using Members = std::map<std::string, std::string, std::less<>>;
  const auto text = [](const Members& members, std::string_view name) {
    const auto found = members.find(name);
    return found == members.end() ? std::string_view() : std::string_view(found->second);
  };
  std::map<std::string, Members, std::less<>> tickets;
  for (const FeedEntry& entry : parts_.feed->Newest(schemas::OutputKind::kTicket, LiveFeed::kEntriesMax)) {
    Members members = schemas::PlainMembers(entry.value);
    tickets.try_emplace(std::string(text(members, "case_id")), std::move(members));
  }
  struct Row {
    std::string account;
    Members finding;  // The newest.
    int findings = 0;
  };
  std::map<std::string, Row, std::less<>> rows;
  std::vector<std::string> order;
  for (const FeedEntry& entry : parts_.feed->Newest(schemas::OutputKind::kFinding, LiveFeed::kEntriesMax)) {
    Members members = schemas::PlainMembers(entry.value);
    const std::string id(text(members, "case_id"));
    if (id.empty()) continue;  // A shadow finding has none.
    Row& row = rows[id];
    if (row.findings++ > 0) continue;
    order.push_back(id);
    row.account = entry.account;
    row.finding = std::move(members);
  }
  order.resize(std::min(order.size(), LimitOf(request, 50, 1'000)));
  std::string body;
  JsonWriter json(body);
  json.BeginObject().Key("cases").BeginArray();
  for (const std::string& id : order) {
    const Row& row = rows[id];
    json.BeginObject()
        .Member("case_id", id)
        .Member("account_id", row.account)
        .Member("findings", row.findings);
    for (const char* name : {"detector", "severity", "occurred_at"})
      json.MemberIf(name, text(row.finding, name));
    // A number, as it stands in the finding.
    if (const std::string_view risk = text(row.finding, "risk"); !risk.empty()) json.Key("risk").Raw(risk);
    if (const auto ticket = tickets.find(id); ticket != tickets.end()) {
      for (const char* name : {"reference", "operation", "priority"})
        json.MemberIf(name, text(ticket->second, name));
    }
    json.EndObject();
  }
  json.EndArray().EndObject();
  return JsonAnswer(200, std::move(body));
}

HttpResponse AdminInterface::ListLetters(const HttpRequest& request) const {
  const bool all = QueryValue(request.query, "all") == "true";
  const size_t limit = LimitOf(request, 100, DeadLetters::kLettersMax);
  Result<std::vector<KeptLetter>> letters = parts_.letters->List(all ? limit : DeadLetters::kLettersMax);
  if (!letters) return ProblemOf(letters.error());
  std::string body;
  JsonWriter json(body);
  json.BeginObject().Key("dead_letters").BeginArray();
  size_t shown = 0;
  for (const KeptLetter& kept : *letters) {
    if (!all && !kept.handled.empty()) continue;
    if (++shown > limit) break;
    const schemas::DeadLetter& letter = kept.letter;
    json.BeginObject()
        .Member("id", kept.id)
        .Member("topic", letter.topic)
        .Member("partition", letter.partition);
    json.Member("offset", letter.offset)
        .Member("appended_at", letter.appended_at)
        .Member("reason", letter.reason);
    json.MemberIf("field", letter.field).MemberIf("detail", letter.detail);
    json.Member("bytes", static_cast<int64_t>(letter.bytes.size()))
        .MemberIf("handled", kept.handled)
        .EndObject();
  }
  json.EndArray().EndObject();
  return JsonAnswer(200, std::move(body));
}

HttpResponse AdminInterface::ShowLetter(const HttpRequest& request) const {
  Result<KeptLetter> kept = parts_.letters->Find(std::string(request.path.substr(kLetters.size())));
  if (!kept) return ProblemOf(kept.error());
  std::string body;
  schemas::AppendJson(body, kept->letter);
  return JsonAnswer(200, std::move(body));
}

HttpResponse AdminInterface::HandleLetters(const HttpRequest& request, bool replay) const {
  std::string id;
  if (!ReadLetter(request.body, id))
    return ProblemAnswer(400,
                         "the body is {\"id\":\"…\"} for one letter, or {} for all that nobody has handled");
  Result<HandledLetters> handled = replay ? parts_.letters->Replay(id) : parts_.letters->Drop(id);
  if (!handled) return ProblemOf(handled.error());
  std::string body;
  JsonWriter json(body);
  json.BeginObject().Member("touched", static_cast<int64_t>(handled->touched));
  if (handled->left > 0) json.Member("left", static_cast<int64_t>(handled->left));
  json.EndObject();
  return JsonAnswer(200, std::move(body));
}

// What came after entry `after` (-1: from now on), redacted; waits a moment for the first.
HttpResponse AdminInterface::Tap(const HttpRequest& request) const {
  const std::string kinds = QueryValue(request.query, "kinds");
  const auto wanted = [&kinds](std::string_view kind) {
    return kinds.empty() || ("," + kinds + ",").find("," + std::string(kind) + ",") != std::string::npos;
  };
  if (wanted("event")) parts_.feed->Listen();
  const std::string text = QueryValue(request.query, "after");
  const uint64_t last = parts_.feed->last_number();
  uint64_t after = last;
  std::from_chars(text.data(), text.data() + text.size(), after);
  if (after > last) after = 0;  // Of the process before this one: all that there is.
  std::string body;
  JsonWriter json(body);
  json.BeginObject().Key("entries").BeginArray();
  for (const FeedEntry& entry : parts_.feed->After(after, 500, text.empty() ? milliseconds(0) : kTapWait)) {
    after = entry.number;
    if (wanted(KindName(entry.kind))) json.Raw(parts_.feed->Redacted(entry));
  }
  json.EndArray().Member("next", static_cast<int64_t>(after)).EndObject();
  return JsonAnswer(200, std::move(body));
}

}  // namespace tocsin::daemon
