// What many detectors ask of one event, each worked out once: DetectorSet makes one for every event and hands
// it on in the Context. Without one (a detector that is asked by itself, a learner) the functions below work
// the answer out anew, and it is the same.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "detectors/account_state.h"
#include "detectors/context.h"
#include "detectors/limits/judge.h"
#include "detectors/novelty.h"
#include "detectors/payments/counterparty.h"
#include "detectors/payments/flows.h"
#include "schemas/event.h"

namespace tocsin::detectors {

// Answers nothing before it is asked. All three outlive it, and stay as they are.
class Asked {
 public:
  Asked(const schemas::Event& event, const AccountState& state, const Context& context)
      : event_(event), state_(state), context_(context) {}
  Asked(const Asked&) = delete;
  Asked& operator=(const Asked&) = delete;

  [[nodiscard]] bool IsPastLearning();
  [[nodiscard]] const DeviceMatch& Device();
  [[nodiscard]] const NoveltyResult& NewDevice();
  [[nodiscard]] size_t OwnDevice();
  [[nodiscard]] double DeviceTrust();
  [[nodiscard]] const NoveltyResult& NewCountry();
  [[nodiscard]] uint32_t DeviceKey();
  [[nodiscard]] uint32_t AddressHash();
  // REQUIRES, of these: event.transaction().
  [[nodiscard]] const Flows& Money();
  [[nodiscard]] const std::optional<NamedPayee>& Payee();
  [[nodiscard]] const LimitAnswers& Limits();

 private:
  const schemas::Event& event_;
  const AccountState& state_;
  const Context& context_;
  std::optional<bool> past_learning_;
  std::optional<DeviceMatch> device_;
  std::optional<NoveltyResult> new_device_;
  std::optional<size_t> own_device_;
  std::optional<double> device_trust_;
  std::optional<NoveltyResult> new_country_;
  std::optional<uint32_t> device_key_;
  std::optional<uint32_t> address_hash_;
  std::optional<Flows> money_;
  std::optional<std::optional<NamedPayee>> payee_;
  std::optional<LimitAnswers> limits_;
};

// Each as the function of its name without the context.
[[nodiscard]] bool PastLearning(const schemas::Event& event, const AccountState& state,
                                const Context& context);
[[nodiscard]] DeviceMatch MatchDevice(const schemas::Event& event, const AccountState& state,
                                      const Context& context);
[[nodiscard]] NoveltyResult DeviceNovelty(const schemas::Event& event, const AccountState& state,
                                          const Context& context);
[[nodiscard]] size_t OwnDevice(const schemas::Event& event, const AccountState& state,
                               const Context& context);
[[nodiscard]] double DeviceTrust(const schemas::Event& event, const AccountState& state,
                                 const Context& context);
[[nodiscard]] NoveltyResult CountryNovelty(const schemas::Event& event, const AccountState& state,
                                           const Context& context);
[[nodiscard]] uint32_t DeviceKey(const schemas::Event& event, const Context& context);
[[nodiscard]] uint32_t AddressHash(const schemas::Event& event, const Context& context);
[[nodiscard]] std::optional<NamedPayee> PayeeOf(const schemas::Event& event, const Context& context);

}  // namespace tocsin::detectors
