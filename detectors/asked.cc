#include "detectors/asked.h"

#include "detectors/learning/learning.h"

namespace tocsin::detectors {
namespace {

template <class Value, class Make>
const Value& Once(std::optional<Value>& held, Make make) {
  if (!held) held.emplace(make());
  return *held;
}

}  // namespace

bool Asked::IsPastLearning() {
  return Once(past_learning_, [&] { return PastLearning(state_, event_.occurred_at, context_.learning); });
}

const DeviceMatch& Asked::Device() {
  return Once(device_, [&] { return MatchDevice(event_, state_); });
}

const NoveltyResult& Asked::NewDevice() {
  return Once(new_device_, [&] {
    // Only an id is looked up by itself.
    return DeviceNovelty(event_, state_, event_.facts.device.id.empty() ? DeviceMatch{} : Device());
  });
}

size_t Asked::OwnDevice() {
  return Once(own_device_, [&] { return detectors::OwnDevice(event_, state_, NewDevice()); });
}

double Asked::DeviceTrust() {
  return Once(device_trust_, [&] { return TrustOfKnown(OwnDevice(), event_.occurred_at, state_); });
}

const NoveltyResult& Asked::NewCountry() {
  return Once(new_country_, [&] { return CountryNovelty(event_, state_); });
}

uint32_t Asked::DeviceKey() {
  return Once(device_key_, [&] { return detectors::DeviceKey(event_.facts.device); });
}

uint32_t Asked::AddressHash() {
  return Once(address_hash_, [&] { return detectors::AddressHash(event_.facts.network); });
}

const Flows& Asked::Money() {
  if (!money_) money_.emplace(event_, state_);
  return *money_;
}

const std::optional<NamedPayee>& Asked::Payee() {
  return Once(payee_, [&] { return PayeeOf(*event_.transaction()); });
}

const LimitAnswers& Asked::Limits() {
  return Once(limits_, [&] { return JudgeLimits(Money(), event_, state_, context_); });
}

bool PastLearning(const schemas::Event& event, const AccountState& state, const Context& context) {
  if (context.asked != nullptr) return context.asked->IsPastLearning();
  return PastLearning(state, event.occurred_at, context.learning);
}

DeviceMatch MatchDevice(const schemas::Event& event, const AccountState& state, const Context& context) {
  return context.asked != nullptr ? context.asked->Device() : MatchDevice(event, state);
}

NoveltyResult DeviceNovelty(const schemas::Event& event, const AccountState& state, const Context& context) {
  return context.asked != nullptr ? context.asked->NewDevice() : DeviceNovelty(event, state);
}

size_t OwnDevice(const schemas::Event& event, const AccountState& state, const Context& context) {
  return context.asked != nullptr ? context.asked->OwnDevice() : OwnDevice(event, state);
}

double DeviceTrust(const schemas::Event& event, const AccountState& state, const Context& context) {
  return context.asked != nullptr ? context.asked->DeviceTrust() : DeviceTrust(event, state);
}

NoveltyResult CountryNovelty(const schemas::Event& event, const AccountState& state, const Context& context) {
  return context.asked != nullptr ? context.asked->NewCountry() : CountryNovelty(event, state);
}

uint32_t DeviceKey(const schemas::Event& event, const Context& context) {
  return context.asked != nullptr ? context.asked->DeviceKey() : DeviceKey(event.facts.device);
}

uint32_t AddressHash(const schemas::Event& event, const Context& context) {
  return context.asked != nullptr ? context.asked->AddressHash() : AddressHash(event.facts.network);
}

std::optional<NamedPayee> PayeeOf(const schemas::Event& event, const Context& context) {
  return context.asked != nullptr ? context.asked->Payee() : PayeeOf(*event.transaction());
}

}  // namespace tocsin::detectors
