// The steps by which an account is taken over, read from events: shared by takeover_chain, which asks what an
// event would add, and by the security segment's learner, which adds it.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>

#include "detectors/account_state.h"
#include "detectors/context.h"
#include "detectors/state/security.h"
#include "schemas/event.h"

namespace tocsin::detectors {

// How far apart two steps may be to belong together.
inline constexpr Millis kStageWindow = Security::kStagesTogether;

// The steps one event takes. Never allocates.
class StageList {
 public:
  void Add(Stage stage) { held_[size_++] = stage; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] std::span<const Stage> all() const { return {held_.data(), size_}; }
  [[nodiscard]] bool Has(Stage stage) const;

 private:
  std::array<Stage, 5> held_{};
  size_t size_ = 0;
};

// Money that leaves the account: a payment, transfer or withdrawal that was authorized or completed.
[[nodiscard]] bool IsMoneyOut(const schemas::Event& event);
[[nodiscard]] bool IsMoneyOut(const Movement& movement);

// Steps of the event, with `state` as it was before it:
// - an account change: password changed or reset, email or phone changed, notifications changed, second
// factor off, limit
//   raised or removed, payee added;
// - a successful use, or a change that needs a login, on a new device, from a new country, or through an
// anonymous network
//   that is new to the account. Each only when it is introduced: later uses of what waits in quarantine are
//   no new step, but every use of what the owner has refused is one. Never while the account is learning;
// - money out, when another step lies in the 72 h before it, or in the event itself;
// - marks: an answer that it was somebody else, an account unfrozen.
[[nodiscard]] StageList StagesOf(const schemas::Event& event, const AccountState& state,
                                 const Context& context);

// Why a use, or a change that needs a login, could not be told from a stranger's: kLearning, or neither
// device nor place nor network can be compared; "": it could, or the event is neither.
[[nodiscard]] std::string_view WhyNoNovelty(const schemas::Event& event, const AccountState& state,
                                            const Context& context);

// Puts the event's steps into `into`. A step that arrives late also brings the money that left in the 72 h
// after it, which was no step when it left. REQUIRES: stages is StagesOf(event, state, …) and not empty.
void AddStages(const schemas::Event& event, const StageList& stages, const AccountState& state,
               Security& into);

}  // namespace tocsin::detectors
