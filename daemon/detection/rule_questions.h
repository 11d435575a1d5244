// Conditions of rule books that no detector's alert answers as it stands: because the rule names an amount, a
// time or a number, whatever the configuration sets, or because the detector finds more than the rule asks
// for.
#pragma once

#include <string>
#include <string_view>

#include "detectors/account_state.h"
#include "detectors/context.h"
#include "detectors/detector_set.h"
#include "detectors/verdict.h"
#include "schemas/event.h"

namespace tocsin::daemon {

// An event that detectors have judged. The account is as it was before it.
struct Judged {
  const schemas::Event& event;
  const detectors::AccountState& state;
  const detectors::Context& context;  // Notes no measures.
  const detectors::DetectionResult& result;
  // The event's transaction counted before it: what an earlier event of it proved is not found again.
  bool counted_before = false;
  bool says_nothing_new = false;  // And counts for no more, in no other currency, from no earlier on.
};

// How a condition came out, in parts joined by "; ":
//   met: WHO, …                   or else
//   not met: WHO, …               who looked and found nothing
//   not evaluable: WHO WHY, …     who could not look
// or "not applicable": the condition is not about such an event. WHO is a detector, or what was looked at.
class Outcome {
 public:
  void Met(std::string_view who) { Add(met_, who); }
  void NotMet(std::string_view who) { Add(not_met_, who); }
  void NotEvaluable(std::string_view who, std::string_view why);
  // A detector's answer; of one that does not look at such events there is none. Who judges a transaction by
  // its first event has no answer to another that says nothing new.
  void Take(std::string_view detector, const detectors::Verdict& verdict, const Judged& judged);
  [[nodiscard]] std::string Text() const;

 private:
  static void Add(std::string& list, std::string_view who) {
    list.append(list.empty() ? "" : ", ").append(who);
  }
  std::string met_;
  std::string not_met_;
  std::string not_evaluable_;
};

using RuleQuestion = void(const Judged& judged, Outcome& outcome);

// mas_srf: a high-risk action within 12 h of a new device; a transfer of more than S$1,000 is one.
void AskCoolingOff(const Judged& judged, Outcome& outcome);
// mas_srf: a login on a new device, not another use of it.
void AskNewDeviceLogin(const Judged& judged, Outcome& outcome);
// mas_srf: what the event does is a high-risk action, whenever and from wherever it is done.
void AskHighRiskActivity(const Judged& judged, Outcome& outcome);
// mas_srf: more than half of a balance of at least S$50,000 has left within 24 h.
void AskAccountDrain(const Judged& judged, Outcome& outcome);
// psd2_art18: where the payee is, not where the payer is.
void AskPayeeLocation(const Judged& judged, Outcome& outcome);
// npci_p2p: the rule's own limits of what is received.
void AskReceiptLimits(const Judged& judged, Outcome& outcome);
// npci_p2p: more than INR 2,000 to somebody whom the account has never paid.
void AskFirstPayment(const Judged& judged, Outcome& outcome);

}  // namespace tocsin::daemon
