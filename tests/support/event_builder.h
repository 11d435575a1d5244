// Events with facts for tests of detectors and alerts: what enrichment would have found is said directly.
//
//   const Event event = EventBuilder("e1", kNoon).From(kTokyo).Via(kHosting).With(kLaptop);
//
// Every builder starts as a successful login from Berlin over a residential line with a known phone, so that
// a test names only what is special.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/ip_address.h"
#include "base/time.h"
#include "schemas/event.h"

namespace tocsin::test {

struct City {
  std::string_view name;
  std::string_view region;
  std::string_view country;
  double latitude = 0;
  double longitude = 0;
  double radius_km = 25;
  schemas::Precision precision = schemas::Precision::kCity;
};

inline constexpr City kBerlin{"Berlin", "Berlin", "DE", 52.52, 13.405};
inline constexpr City kPotsdam{"Potsdam", "Brandenburg", "DE", 52.391, 13.065};
inline constexpr City kMunich{"Munich", "Bavaria", "DE", 48.137, 11.575};
inline constexpr City kParis{"Paris", "Ile-de-France", "FR", 48.857, 2.352};
inline constexpr City kStrasbourg{"Strasbourg", "Grand Est", "FR", 48.573, 7.752};
inline constexpr City kKehl{"Kehl", "Baden-Wurttemberg", "DE", 48.573, 7.815};
inline constexpr City kTokyo{"Tokyo", "Tokyo", "JP", 35.69, 139.69};
inline constexpr City kShanghai{"Shanghai", "Shanghai", "CN", 31.23, 121.47};
inline constexpr City kKunming{"Kunming", "Yunnan", "CN", 25.04, 102.72};
inline constexpr City kSydney{"Sydney", "New South Wales", "AU", -33.87, 151.21};
inline constexpr City kNewYork{"New York", "New York", "US", 40.713, -74.006};

struct NetworkOf {
  std::string_view address;
  uint32_t asn = 0;
  std::string_view organization;
  schemas::NetworkClass network_class = schemas::NetworkClass::kResidential;
  schemas::Anonymiser anonymiser = schemas::Anonymiser::kNone;
};

inline constexpr NetworkOf kHomeLine{"81.2.69.10", 3320, "Home Telecom"};
inline constexpr NetworkOf kMobile{"81.2.70.20", 6805, "Mobile Telecom", schemas::NetworkClass::kMobile};
inline constexpr NetworkOf kOtherLine{"81.2.71.30", 2856, "Other Telecom"};
inline constexpr NetworkOf kHosting{"45.33.32.1", 63949, "Rented Servers", schemas::NetworkClass::kHosting};
inline constexpr NetworkOf kVpn{"45.33.33.2", 9009, "Hidden Lines", schemas::NetworkClass::kAnonymiser,
                                schemas::Anonymiser::kVpn};
inline constexpr NetworkOf kTor{"45.33.34.3", 60729, "Onion Friends", schemas::NetworkClass::kAnonymiser,
                                schemas::Anonymiser::kTor};

struct DeviceOf {
  std::string_view id;
  std::string_view platform;
  std::string_view model;
  std::string_view os_family;
  std::string_view browser_family;
  int os_major = 0;
  int browser_major = 0;
};

inline constexpr DeviceOf kPhone{"phone-1", "ios", "iPhone 14", "iOS", "Mobile Safari", 17, 17};
inline constexpr DeviceOf kLaptop{"laptop-1", "windows", "", "Windows", "Chrome", 10, 120};
inline constexpr DeviceOf kStranger{"stranger-1", "linux", "", "Linux", "Firefox", 0, 110};
inline constexpr DeviceOf kBrowser{"", "web", "", "Windows", "Chrome", 10, 120};  // Without an id.

class EventBuilder {
 public:
  EventBuilder(std::string_view id, Timestamp at) {
    event_.event_id = EventId(id);
    event_.source = "test";
    event_.account_id = AccountId("account-1");
    event_.occurred_at = at;
    event_.type = schemas::EventType::kLogin;
    event_.payload =
        schemas::Login{.outcome = schemas::LoginOutcome::kSuccess, .method = schemas::LoginMethod::kPassword};
    From(kBerlin).Via(kHomeLine).With(kPhone);
  }

  EventBuilder& Account(std::string_view id) { return event_.account_id = AccountId(id), *this; }
  EventBuilder& Failed(schemas::FailureReason reason = schemas::FailureReason::kBadCredentials) {
    event_.payload = schemas::Login{.outcome = schemas::LoginOutcome::kFailure, .failure_reason = reason};
    return *this;
  }
  EventBuilder& Paid(std::string_view transaction_id, Money amount,
                     schemas::TransactionStatus status = schemas::TransactionStatus::kCompleted,
                     schemas::TransactionKind kind = schemas::TransactionKind::kTransfer) {
    schemas::Transaction transaction;
    transaction.transaction_id = transaction_id;
    transaction.kind = kind;
    const bool in = kind == schemas::TransactionKind::kTopUp || kind == schemas::TransactionKind::kRefund;
    transaction.direction = in ? schemas::Direction::kIn : schemas::Direction::kOut;
    transaction.status = status;
    transaction.amount = amount;
    event_.type = schemas::EventType::kTransaction;
    event_.payload = std::move(transaction);
    return *this;
  }
  // REQUIRES: a transaction.
  EventBuilder& To(std::string_view id, schemas::CounterpartyType type) {
    auto& transaction = std::get<schemas::Transaction>(event_.payload);
    transaction.counterparty.id = id;
    transaction.counterparty.type = type;
    return *this;
  }
  EventBuilder& Changed(schemas::ChangeKind change) {
    event_.type = schemas::EventType::kAccountChange;
    event_.payload = schemas::AccountChange{.change = change};
    return *this;
  }
  EventBuilder& Answered(schemas::FeedbackVerdict verdict, schemas::FeedbackBy by,
                         std::string_view finding_id = "") {
    event_.type = schemas::EventType::kFeedback;
    schemas::Feedback feedback;
    feedback.verdict = verdict;
    feedback.by = by;
    feedback.finding_id = finding_id;
    event_.payload = std::move(feedback);
    return Nowhere().WithoutDevice();
  }

  EventBuilder& From(const City& city) {
    event_.facts.place = {.missing = schemas::Missing::kNo,
                          .precision = city.precision,
                          .country = std::string(city.country),
                          .region = std::string(city.region),
                          .city = std::string(city.name),
                          .point = {.latitude = city.latitude, .longitude = city.longitude},
                          .radius_km = city.radius_km};
    return *this;
  }
  EventBuilder& Via(const NetworkOf& network) {
    event_.ip = IpAddress::Parse(network.address);
    event_.facts.network = {.missing = schemas::Missing::kNo,
                            .anonymity_missing = schemas::Missing::kNo,
                            .has_address = event_.ip.has_value(),
                            .address = event_.ip.value_or(IpAddress()),
                            .asn = network.asn,
                            .organization = std::string(network.organization),
                            .network_class = network.network_class,
                            .anonymiser = network.anonymiser,
                            .evidence = "test"};
    return *this;
  }
  // Only another address of the same network.
  EventBuilder& Address(std::string_view address) {
    event_.ip = IpAddress::Parse(address);
    event_.facts.network.address = event_.ip.value_or(IpAddress());
    return *this;
  }
  EventBuilder& With(const DeviceOf& device) {
    event_.facts.device = {.missing = schemas::Missing::kNo,
                           .id = std::string(device.id),
                           .platform = std::string(device.platform),
                           .model = std::string(device.model),
                           .os_family = std::string(device.os_family),
                           .browser_family = std::string(device.browser_family),
                           .os_major = device.os_major,
                           .browser_major = device.browser_major};
    return *this;
  }
  EventBuilder& WithoutDevice() { return event_.facts.device = {}, *this; }
  // No place and no network: no address, a private one, no database, or one that does not know it.
  EventBuilder& Nowhere(schemas::Missing why = schemas::Missing::kNoAddress) {
    event_.facts.place = {.missing = why};
    event_.facts.network = {.missing = why, .anonymity_missing = why};
    event_.ip.reset();
    return *this;
  }

  [[nodiscard]] schemas::Event& event() { return event_; }
  operator schemas::Event() const { return event_; }  // NOLINT(google-explicit-constructor)

 private:
  schemas::Event event_;
};

}  // namespace tocsin::test
