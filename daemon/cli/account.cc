// tocsin account: what is remembered of an account, and the two things an operator may say of it. Saying is
// publishing an event (docs/adr/0016): nothing here writes a state.
#include <CLI/CLI.hpp>

#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include "base/hash.h"
#include "daemon/cli/command.h"
#include "daemon/detection/account_view.h"
#include "daemon/engine/state_table.h"
#include "daemon/http/access_token.h"
#include "daemon/http/post_events.h"
#include "daemon/store/stored_state.h"
#include "schemas/encode.h"

namespace tocsin::daemon {
namespace {

struct AccountArguments {
  std::string id;
  std::string state;
  std::string format = "text";
  std::string case_id;
  std::string finding_id;
  std::string tenant;
  EventsTarget target;
  std::string token_file;
  std::string at;
  bool print = false;
};

int Fail(int code, const std::string& text) {
  std::fprintf(stderr, "tocsin account: %s\n", text.c_str());
  return code;
}

int Write(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  return std::fflush(stdout) == 0 ? kExitOk : kExitUnavailable;
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

int Show(const AccountArguments& arguments) {
  int code = kExitOk;
  const std::optional<Account> account = Read(arguments, code);
  if (!account) return code;
  const std::vector<ViewSection> view = ViewOf(*account);
  return Write(arguments.format == "json" ? ViewJson(view) : ViewText(view));
}

std::optional<Timestamp> TimeOf(const AccountArguments& arguments) {
  if (!arguments.at.empty()) return ParseRfc3339(arguments.at);
  return std::chrono::time_point_cast<Millis>(std::chrono::system_clock::now());
}

// Prints the event or sends it.
int Say(const AccountArguments& arguments, schemas::Event event) {
  const std::optional<Timestamp> at = TimeOf(arguments);
  if (!at) return Fail(kExitUsage, "--at must be a time as 2026-03-01T00:00:00Z");
  event.account_id = AccountId(arguments.id);
  event.tenant = arguments.tenant;
  event.source = "tocsin-account";
  event.occurred_at = *at;
  std::string line;
  schemas::AppendJson(line, event);
  // Named after what it says, its time included: sent again it is a duplicate.
  event.event_id = EventId(ToHex(IdentityHash().Add("account").Add(line).Finish()));
  line.clear();
  schemas::AppendJson(line, event);
  line += '\n';
  if (arguments.print) return Write(line);

  EventsTarget target = arguments.target;
  if (!arguments.token_file.empty()) {
    Result<AccessToken> token = ReadTokenFile(arguments.token_file, *at);
    if (!token) return Fail(kExitUsage, token.error().ToString());
    target.token = token->value;
  }
  if (Result<Done> sent = PostEvents(target, line); !sent) {
    const bool unavailable = sent.error().code == ErrorCode::kUnavailable;
    return Fail(unavailable ? kExitUnavailable : kExitProblem, sent.error().ToString());
  }
  std::fprintf(stderr, "tocsin account: accepted as event %s\n", event.event_id.str().c_str());
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
  schemas::Event event;
  event.type = schemas::EventType::kFeedback;
  event.payload = schemas::Feedback{.verdict = schemas::FeedbackVerdict::kFalsePositive,
                                    .by = schemas::FeedbackBy::kAnalyst,
                                    .case_id = arguments.case_id,
                                    .finding_id = arguments.finding_id};
  return Say(arguments, std::move(event));
}

int Erase(const AccountArguments& arguments) {
  schemas::Event event;
  event.type = schemas::EventType::kAccountChange;
  event.payload = schemas::AccountChange{.change = schemas::ChangeKind::kErased};
  return Say(arguments, std::move(event));
}

void AddSaying(CLI::App& command, AccountArguments& arguments) {
  command.add_option("--url", arguments.target.url, "The daemon's event endpoint, http://HOST:PORT");
  command.add_option("--token-file", arguments.token_file, "File with the bearer token of the endpoint");
  command.add_option("--tenant", arguments.tenant, "Tenant of the event");
  command.add_option("--at", arguments.at, "Event time; default: now");
  command.add_flag("--print", arguments.print,
                   "Print the event instead: to publish it on the topic yourself, keyed by the account");
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
  CLI::App* show = add("show", "What is remembered of the account, as of the last checkpoint");
  show->add_option("--state", arguments->state,
                   "State directory, of a daemon that may be running, or of replay --state")
      ->required();
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
