// tocsin account: what is remembered of an account, and the two things an operator may say of it. Saying is
// publishing an event (docs/adr/0016): nothing here writes a state.
#include <CLI/CLI.hpp>

#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include "base/json_writer.h"
#include "base/percent_encoded.h"
#include "daemon/cli/admin_options.h"
#include "daemon/cli/command.h"
#include "daemon/cli/standard_output.h"
#include "daemon/detection/account_view.h"
#include "daemon/detection/operator_event.h"
#include "daemon/engine/state_table.h"
#include "daemon/http/access_token.h"
#include "daemon/http/post_events.h"
#include "daemon/store/stored_state.h"
#include "schemas/event_decoder.h"
#include "schemas/output_reader.h"

namespace tocsin::daemon {
namespace {

constexpr const char* kWrongTime = "must be a time as 2026-03-01T00:00:00Z";

struct AccountArguments {
  std::string id;
  std::string state;
  std::string format = "text";
  std::string case_id;
  std::string finding_id;
  std::string tenant;
  std::string url;  // Of an event endpoint.
  std::string token_file;
  std::string at;
  bool print = false;
  AdminArguments admin;
};

// The admin interface dates what it is told itself, and has it in its audit log.
bool IsForAdmin(const AccountArguments& arguments) {
  return arguments.url.empty() && arguments.at.empty() && !arguments.print;
}

int Fail(int code, const std::string& text) {
  std::fprintf(stderr, "tocsin account: %s\n", text.c_str());
  return code;
}

// The account as its last checkpoint has it; otherwise why not, printed, and the exit code.
std::optional<Account> Read(const AccountArguments& arguments, int& code) {
  Result<std::optional<StoredState>> stored = ReadStoredState(arguments.state, arguments.id);
  if (!stored) {
    code = Fail(stored.error().code == ErrorCode::kNotFound ? kExitUsage : kExitUnavailable,
                stored.error().ToString());
    return std::nullopt;
  }
  const std::optional<StoredState>& found = *stored;
  if (!found) {
    code = Fail(kExitProblem, "no checkpoint knows this account");
    return std::nullopt;
  }
  Account account;
  if (Result<Done> decoded = DecodeState(found->value, account); !decoded) {
    code = Fail(kExitUnavailable, decoded.error().ToString());
    return std::nullopt;
  }
  return account;
}

// As the running daemon has it, which is newer than the last checkpoint.
int ShowLive(const AccountArguments& arguments) {
  Result<AdminTarget> target = TargetOf(arguments.admin);
  if (!target) return FailAs("account", target.error());
  const bool text = arguments.format == "text";
  Result<std::string> answer =
      AdminGet(*target, "/admin/v1/accounts/" + PercentEncoded(arguments.id) + (text ? "?format=text" : ""));
  if (!answer) return FailAs("account", answer.error());
  return text ? WriteLines(*answer) : WriteOut(*answer + "\n");
}

int Show(const AccountArguments& arguments) {
  if (arguments.state.empty()) return ShowLive(arguments);
  int code = kExitOk;
  const std::optional<Account> account = Read(arguments, code);
  if (!account) return code;
  const std::vector<ViewSection> view = ViewOf(*account);
  return arguments.format == "json" ? WriteOut(ViewJson(view)) : WriteLines(ViewText(view));
}

std::string WrongTime(const std::string& text) { return ParseRfc3339(text) ? "" : kWrongTime; }

std::string WrongUrl(const std::string& text) {
  const bool right = text.starts_with("http://") && text.size() > 7 && text.find('/', 7) == std::string::npos;
  return right ? "" : text + ": must be http://HOST:PORT";
}

Timestamp TimeOf(const AccountArguments& arguments) {
  const Timestamp now = std::chrono::time_point_cast<Millis>(std::chrono::system_clock::now());
  return ParseRfc3339(arguments.at).value_or(now);
}

// Why every daemon would refuse the event; "": none would.
std::string WrongEvent(const OperatorEvent& event) {
  schemas::EventDecoder decoder({.check_key = false});
  schemas::Event read;
  schemas::Record record;
  record.topic = "events";
  record.value = event.json;
  const auto decoded = decoder.Decode(record, read);
  if (decoded) return {};
  const schemas::Rejection& why = decoded.error();
  return why.field + (why.field.empty() ? "" : ": ") + why.detail;
}

// An erasure is of what is remembered: what came in, and what was put out, is kept for its own time.
void SayWhatRemains(const std::string& events_stay, const std::string& outputs_stay) {
  std::fprintf(stderr,
               "tocsin account: its events stay %s; findings, notices and tickets of it %s: "
               "docs/operations.md, \"What is kept where, for how long\"\n",
               events_stay.c_str(), outputs_stay.c_str());
}

// Prints the event or sends it.
int Say(const AccountArguments& arguments, const OperatorEvent& event, Timestamp at) {
  const std::string line = event.json + "\n";
  if (arguments.print) return WriteOut(line);

  EventsTarget target;
  if (!arguments.url.empty()) target.url = arguments.url;
  if (!arguments.token_file.empty()) {
    Result<AccessToken> token = ReadTokenFile(arguments.token_file, at);
    if (!token) return Fail(kExitUsage, token.error().ToString());
    target.token = token->value;
  }
  if (Result<Done> sent = PostEvents(target, line); !sent) {
    const bool unavailable = sent.error().code == ErrorCode::kUnavailable;
    return Fail(unavailable ? kExitUnavailable : kExitProblem, NamingTokenFile(sent.error().ToString()));
  }
  std::fprintf(stderr, "tocsin account: accepted as event %s\n", event.event_id.c_str());
  return kExitOk;
}

// To the daemon's admin interface, which makes the event, writes it to where the daemon reads, and to the
// audit log: with either log.
int SayToAdmin(AccountArguments arguments, const char* verb) {
  arguments.admin.token_file = arguments.token_file;
  Result<AdminTarget> target = TargetOf(arguments.admin);
  if (!target) return FailAs("account", target.error());
  std::string body;
  JsonWriter json(body);
  json.BeginObject();
  const auto member = [&json](const char* name, const std::string& value) {
    if (!value.empty()) json.Member(name, value);
  };
  member("case_id", arguments.case_id);
  member("finding_id", arguments.finding_id);
  member("tenant", arguments.tenant);
  json.EndObject();
  Result<std::string> answer =
      AdminPost(*target, "/admin/v1/accounts/" + PercentEncoded(arguments.id) + "/" + verb, body);
  if (!answer) return FailAs("account", answer.error());
  const auto said = schemas::PlainMembers(*answer);
  const auto event = said.find("event_id");
  std::fprintf(stderr, "tocsin account: accepted as event %s\n",
               event == said.end() ? "" : event->second.c_str());
  if (std::string_view(verb) != "erase") return kExitOk;
  const auto log_free_at = said.find("log_free_at");
  const auto outputs_free_at = said.find("outputs_free_at");
  if (log_free_at == said.end() || outputs_free_at == said.end()) {
    SayWhatRemains("on their topics for as long as those keep records", "likewise");
  } else {
    SayWhatRemains(
        "in the daemon's log until " + log_free_at->second + " at the latest",
        "in its output files until " + outputs_free_at->second + ", if they are delivered by then");
  }
  return kExitOk;
}

int Allow(AccountArguments arguments) {
  if (!arguments.case_id.empty() && !arguments.finding_id.empty())
    return Fail(kExitUsage, "give --case or --finding, not both");
  if (arguments.case_id.empty() && arguments.finding_id.empty()) {
    if (arguments.state.empty())
      return Fail(kExitUsage, "give --case, --finding, or --state to take the account's open case");
    int code = kExitOk;
    const std::optional<Account> account = Read(arguments, code);
    if (!account) return code;
    for (const alerts::Case& one : account->cases.cases()) {
      if (one.group == alerts::CaseGroup::kSecurity && one.state == alerts::CaseState::kOpen)
        arguments.case_id = one.case_id;
    }
    if (arguments.case_id.empty()) return Fail(kExitProblem, "the account has no open case");
  }
  const Timestamp at = TimeOf(arguments);
  const OperatorEvent event =
      AllowEvent(arguments.id, arguments.tenant, arguments.case_id, arguments.finding_id, at);
  if (const std::string wrong = WrongEvent(event); !wrong.empty()) return Fail(kExitUsage, wrong);
  return IsForAdmin(arguments) ? SayToAdmin(std::move(arguments), "allow") : Say(arguments, event, at);
}

int Erase(const AccountArguments& arguments) {
  const Timestamp at = TimeOf(arguments);
  const OperatorEvent event = EraseEvent(arguments.id, arguments.tenant, at);
  if (const std::string wrong = WrongEvent(event); !wrong.empty()) return Fail(kExitUsage, wrong);
  if (IsForAdmin(arguments)) return SayToAdmin(arguments, "erase");
  const int code = Say(arguments, event, at);
  if (code == kExitOk && !arguments.print) {
    SayWhatRemains("in the daemon's log for local.retention at most",
                   "in its output files for local.outputs_retention, if they are delivered by then");
  }
  return code;
}

void AddSaying(CLI::App& command, AccountArguments& arguments) {
  CLI::Option* admin = command.add_option(
      "--admin", arguments.admin.target.url,
      "The daemon's admin interface (http.admin_listen): with either log, and in the audit log");
  CLI::Option* url = command
                         .add_option("--url", arguments.url,
                                     "Say it to an event endpoint (http.events_listen, embedded log) "
                                     "instead, http://HOST:PORT: not in the audit log")
                         ->check(WrongUrl, "");
  command.add_option("--token-file", arguments.token_file,
                     "File with the bearer token of what is asked: http.admin_token, or with --url or --at "
                     "http.events_token");
  command.add_option("--tenant", arguments.tenant, "Tenant of the event");
  CLI::Option* at =
      command
          .add_option("--at", arguments.at,
                      "Event time, to the event endpoint or with --print; the admin interface: its own now")
          ->check(WrongTime, "");
  CLI::Option* print =
      command.add_flag("--print", arguments.print,
                       "Print the event instead: to publish it on the topic yourself, keyed by the account");
  for (CLI::Option* other : {url, at, print}) admin->excludes(other);
}

}  // namespace

RegisteredCommand AddAccount(CLI::App& app) {
  auto arguments = std::make_shared<AccountArguments>();
  CLI::App* account = app.add_subcommand("account", "Shows an account; allows what was found; erases it");
  account->require_subcommand(1);
  const auto add = [&](const char* name, const char* what) {
    CLI::App* command = account->add_subcommand(name, what);
    command->add_option("id", arguments->id, "The account's id")->required();
    return command;
  };
  CLI::App* show = add("show", "What is remembered of the account");
  show->add_option("--state", arguments->state,
                   "As its last checkpoint has it: a state directory, of a daemon that may be running or of "
                   "replay --state; without it the running daemon is asked");
  AddAdminOptions(*show, arguments->admin);
  show->add_option("--format", arguments->format, "text or json")->check(CLI::IsMember({"text", "json"}));
  CLI::App* allow =
      add("allow",
          "Says as an analyst that a case was a false positive: it is closed, and its detectors "
          "are silent for the account for calm.allowed_for");
  allow->add_option("--case", arguments->case_id, "The case");
  allow->add_option("--finding", arguments->finding_id, "Only this finding");
  allow->add_option("--state", arguments->state, "State directory: the account's open case is taken from it");
  AddSaying(*allow, *arguments);
  CLI::App* erase = add("erase", "Forgets everything of the account");
  AddSaying(*erase, *arguments);
  return {account, [arguments, show, allow] {
            if (show->parsed()) return Show(*arguments);
            return allow->parsed() ? Allow(*arguments) : Erase(*arguments);
          }};
}

}  // namespace tocsin::daemon
