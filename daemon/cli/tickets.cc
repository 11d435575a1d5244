// tocsin tickets reconcile: one case, one ticket; whatever else was made is merged into it.
#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <memory>

#include "daemon/cli/command.h"
#include "daemon/cli/load.h"
#include "daemon/cli/standard_output.h"
#include "daemon/delivery/ticket_system.h"

namespace tocsin::daemon {
namespace {

struct Options {
  std::string config;
  int days = 30;
  bool dry_run = false;
};

// Tickets of one case, by what they carry or by the reference in their subject, the oldest first. Only those
// of which there are several.
std::map<std::string, std::vector<KnownTicket>> TwinsOf(const std::vector<KnownTicket>& tickets) {
  std::map<std::string, std::string> case_of_reference;
  for (const KnownTicket& ticket : tickets) {
    if (!ticket.case_id.empty() && !ticket.reference().empty())
      case_of_reference.emplace(ticket.reference(), ticket.case_id);
  }
  std::map<std::string, std::vector<KnownTicket>> by_case;
  for (const KnownTicket& ticket : tickets) {
    const auto named = case_of_reference.find(ticket.reference());
    if (!ticket.case_id.empty()) {
      by_case[ticket.case_id].push_back(ticket);
    } else if (named != case_of_reference.end()) {
      by_case[named->second].push_back(ticket);
    }
  }
  std::erase_if(by_case, [](const auto& entry) { return entry.second.size() < 2; });
  return by_case;
}

int Reconcile(const Options& options) {
  const std::optional<Config> config = LoadConfigOrExplain(options.config);
  if (!config) return kExitConfig;
  const TicketsConfig& tickets = config->delivery.tickets;
  if (!tickets.enabled()) {
    std::fprintf(stderr, "tocsin tickets: delivery.tickets.system: none is configured\n");
    return kExitConfig;
  }
  const std::unique_ptr<TicketSystem> system =
      MakeTicketSystem(tickets, {.ca_file = {}, .timeout = config->delivery.timeout});
  const auto now = std::chrono::time_point_cast<Millis>(std::chrono::system_clock::now());
  const auto fail = [](const SendOutcome& why) {
    std::fprintf(stderr, "tocsin tickets: the ticket system does not do it: %s\n", why.reason.c_str());
    return kExitUnavailable;
  };
  const TicketResult<TicketList> listed = system->List(now - std::chrono::hours(24) * options.days);
  if (!listed) return fail(listed.error());
  if (listed->cut)
    std::fprintf(stderr, "tocsin tickets: there are more than are read at once: take fewer --days\n");

  size_t twins = 0;
  for (const auto& [case_id, same] : TwinsOf(listed->tickets)) {
    // The one that carries the case is the one that operations go to.
    const auto carrier =
        std::ranges::find_if(same, [](const KnownTicket& ticket) { return !ticket.case_id.empty(); });
    const std::string kept = carrier->ticket;
    for (const KnownTicket& twin : same) {
      if (twin.ticket == kept) continue;
      ++twins;
      std::printf("%s\t%s\t%s\n", case_id.c_str(), twin.ticket.c_str(), kept.c_str());
      if (options.dry_run) continue;
      if (TicketResult<Done> merged = system->Merge(twin.ticket, kept); !merged) return fail(merged.error());
    }
  }
  std::fprintf(stderr, "%zu tickets, %zu %s\n", listed->tickets.size(), twins,
               options.dry_run ? "to be merged" : "merged");
  if (const int code = FinishOut(); code != kExitOk) return code;
  return options.dry_run && twins > 0 ? kExitProblem : kExitOk;
}

}  // namespace

RegisteredCommand AddTickets(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("tickets", "The tickets in the ticket system");
  command->require_subcommand(1);
  CLI::App* reconcile = command->add_subcommand(
      "reconcile",
      "Merges tickets of one case into one; prints case, merged ticket and the one it went into, "
      "separated by tabs. Exit 1 with --dry-run when there is something to merge");
  reconcile->add_option("--config", options->config, "The configuration")->required();
  reconcile->add_option("--days", options->days, "Tickets that changed within so many days (30)")
      ->check(CLI::Range(1, 3650));
  reconcile->add_flag("--dry-run", options->dry_run, "Only says what it would do");
  return {command, [options] { return Reconcile(*options); }};
}

}  // namespace tocsin::daemon
