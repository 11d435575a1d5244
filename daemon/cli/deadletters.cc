// tocsin deadletters: the records that could not become events. tocsin deliveries: the notices and tickets
// that are on their way, failed or held. Both ask a running daemon.
#include <CLI/CLI.hpp>

#include <cstdio>
#include <map>
#include <memory>
#include <string>

#include "base/json_writer.h"
#include "base/percent_encoded.h"
#include "daemon/cli/admin_options.h"
#include "daemon/cli/operator_commands.h"
#include "daemon/cli/standard_output.h"
#include "schemas/output_reader.h"

namespace tocsin::daemon {
namespace {

struct ListArguments {
  AdminArguments admin;
  std::string format = "text";
  std::string id;
  int limit = 100;
  bool all = false;
};

using Members = std::map<std::string, std::string, std::less<>>;

std::string Of(const Members& members, std::string_view name) {
  const auto found = members.find(name);
  return found == members.end() ? std::string() : found->second;
}

std::string LetterLine(const Members& letter) {
  std::string line = Of(letter, "id") + "  " + Of(letter, "appended_at") + "  " + Of(letter, "topic") + "/" +
                     Of(letter, "partition") + "@" + Of(letter, "offset") + "  " + Of(letter, "reason");
  if (const std::string field = Of(letter, "field"); !field.empty()) line += " " + field;
  if (const std::string handled = Of(letter, "handled"); !handled.empty()) line += "  (" + handled + ")";
  return line + "\n";
}

std::string DeliveryLine(const Members& delivery) {
  std::string line = Of(delivery, "delivery") + "  " + Of(delivery, "entered_at") + "  " +
                     Of(delivery, "kind") + " by " + Of(delivery, "channel") + "  " + Of(delivery, "status");
  if (const std::string reason = Of(delivery, "reason"); !reason.empty()) line += " (" + reason + ")";
  return line + "  attempt " + Of(delivery, "attempt") + "\n";
}

// "3, 5": the partitions that the answer is not of.
std::string Unread(std::string_view answer) {
  std::string text;
  for (const std::string& partition : schemas::ArrayMember(answer, "unread_partitions"))
    text.append(text.empty() ? "" : ", ").append(partition);
  return text;
}

int List(const ListArguments& arguments, const char* name, const std::string& path, const char* member,
         std::string (*line)(const Members&)) {
  Result<AdminTarget> target = TargetOf(arguments.admin);
  if (!target) return FailAs(name, target.error());
  Result<std::string> answer = AdminGet(*target, path);
  if (!answer) return FailAs(name, answer.error());
  std::string out;
  for (const std::string& element : schemas::ArrayMember(*answer, member))
    out += arguments.format == "json" ? element + "\n" : line(schemas::PlainMembers(element));
  if (const std::string more = Of(schemas::PlainMembers(*answer), "more"); !more.empty())
    std::fprintf(stderr, "tocsin %s: %s more are not listed\n", name, more.c_str());
  if (const std::string unread = Unread(*answer); !unread.empty()) {
    std::fprintf(
        stderr,
        "tocsin %s: partition %s cannot be read now (being restored, or stopped: partition_recovers or "
        "restore_failed in the log); what is in it is not listed\n",
        name, unread.c_str());
  }
  return arguments.format == "json" ? WriteOut(out) : WriteLines(out);
}

int Change(const ListArguments& arguments, const char* name, const std::string& path, const char* member) {
  Result<AdminTarget> target = TargetOf(arguments.admin);
  if (!target) return FailAs(name, target.error());
  if (arguments.id.empty() && !arguments.all) {
    return FailAs(name, {ErrorCode::kInvalid, "", "give an id, or --all"});
  }
  std::string body;
  JsonWriter json(body);
  json.BeginObject();
  if (!arguments.id.empty()) json.Member(member, arguments.id);
  json.EndObject();
  Result<std::string> answer = AdminPost(*target, path, body);
  if (!answer) return FailAs(name, answer.error());
  const Members said = schemas::PlainMembers(*answer);
  std::fprintf(stderr, "tocsin %s: %s touched\n", name, Of(said, "touched").c_str());
  if (const std::string left = Of(said, "left"); !left.empty()) {
    std::fprintf(stderr,
                 "tocsin %s: %s left: their topics no longer keep the records that they are of. Look at each "
                 "(show), and replay it by its id, or drop it\n",
                 name, left.c_str());
  }
  return kExitOk;
}

CLI::App* Add(CLI::App& to, ListArguments& arguments, const char* name, const char* what) {
  CLI::App* command = to.add_subcommand(name, what);
  AddAdminOptions(*command, arguments.admin);
  return command;
}

void AddChoice(CLI::App& command, ListArguments& arguments, const char* what) {
  command.add_option("id", arguments.id, what);
  command.add_flag("--all", arguments.all, "All that nobody has handled");
}

void AddFormat(CLI::App& command, ListArguments& arguments) {
  command.add_option("--format", arguments.format, "text or json (one object a line)")
      ->check(CLI::IsMember({"text", "json"}));
}

}  // namespace

RegisteredCommand AddDeadLetters(CLI::App& app) {
  auto arguments = std::make_shared<ListArguments>();
  CLI::App* command =
      app.add_subcommand("deadletters", "Records that could not become events: list, show, replay, drop");
  command->require_subcommand(1);
  command->footer(
      "A letter is never removed from the dead-letter output. replay gives the original record back to the "
      "topic it\n"
      "came from; the event's own id makes a second one a duplicate. drop only takes it out of the list.");
  CLI::App* list = Add(*command, *arguments, "list", "The newest, newest first");
  AddFormat(*list, *arguments);
  list->add_option("--limit", arguments->limit, "At most so many")->check(CLI::Range(1, 10'000));
  list->add_flag("--all", arguments->all, "Also those that were replayed or dropped");
  CLI::App* show = Add(*command, *arguments, "show", "One letter, with the original bytes in base64");
  show->add_option("id", arguments->id, "Its id")->required();
  CLI::App* replay = Add(*command, *arguments, "replay", "Gives the original record back to its topic");
  AddChoice(*replay, *arguments, "The letter's id");
  CLI::App* drop = Add(*command, *arguments, "drop", "Takes it out of the list");
  AddChoice(*drop, *arguments, "The letter's id");
  return {command, [arguments, list, show, replay] {
            constexpr const char* kName = "deadletters";
            const std::string path = "/admin/v1/dead-letters";
            if (list->parsed()) {
              return List(
                  *arguments, kName,
                  path + "?limit=" + std::to_string(arguments->limit) + (arguments->all ? "&all=true" : ""),
                  "dead_letters", LetterLine);
            }
            if (show->parsed()) {
              Result<AdminTarget> target = TargetOf(arguments->admin);
              if (!target) return FailAs(kName, target.error());
              Result<std::string> answer = AdminGet(*target, path + "/" + PercentEncoded(arguments->id));
              return answer ? WriteOut(*answer + "\n") : FailAs(kName, answer.error());
            }
            return Change(*arguments, kName, path + (replay->parsed() ? "/replay" : "/drop"), "id");
          }};
}

RegisteredCommand AddDeliveries(CLI::App& app) {
  auto arguments = std::make_shared<ListArguments>();
  CLI::App* command = app.add_subcommand(
      "deliveries", "Notices and tickets on their way, failed or held: list, replay, drop, release");
  command->require_subcommand(1);
  CLI::App* list = Add(*command, *arguments, "list", "What is on its way, failed, or held by the flood gate");
  AddFormat(*list, *arguments);
  CLI::App* replay = Add(*command, *arguments, "replay", "Tries again what failed or is held");
  AddChoice(*replay, *arguments, "The delivery");
  CLI::App* drop = Add(*command, *arguments, "drop", "Forgets what failed or is held");
  AddChoice(*drop, *arguments, "The delivery");
  CLI::App* release = Add(*command, *arguments, "release", "Opens the flood gate: what it holds is sent");
  return {command, [arguments, list, replay, release] {
            constexpr const char* kName = "deliveries";
            const std::string path = "/admin/v1/deliveries";
            if (list->parsed()) return List(*arguments, kName, path, "deliveries", DeliveryLine);
            if (release->parsed()) arguments->all = true;
            const char* const verb = release->parsed() ? "/release" : replay->parsed() ? "/replay" : "/drop";
            return Change(*arguments, kName, path + verb, "delivery");
          }};
}

RegisteredCommand AddStatus(CLI::App& app) {
  auto arguments = std::make_shared<AdminArguments>();
  CLI::App* command = app.add_subcommand("status", "What a running daemon says of itself, as JSON");
  AddAdminOptions(*command, *arguments);
  return {command, [arguments] {
            Result<AdminTarget> target = TargetOf(*arguments);
            if (!target) return FailAs("status", target.error());
            Result<std::string> answer = AdminGet(*target, "/admin/v1/status");
            return answer ? WriteOut(*answer + "\n") : FailAs("status", answer.error());
          }};
}

}  // namespace tocsin::daemon
