#include "daemon/http/no_answer.h"

namespace tocsin::daemon {

std::string NoAnswer(bool reached, const std::string& setting, std::chrono::seconds patience) {
  if (!reached) return "nobody listens there: is the daemon running, with " + setting + " at this address?";
  return "whoever listens there hung up, or said nothing for " + std::to_string(patience.count()) +
         " s: is it the daemon, and its " + setting + "?";
}

}  // namespace tocsin::daemon
