// How devices, places and networks are called to people.
#include <string>
#include <string_view>

#include "base/text.h"
#include "detectors/novelty.h"
#include "detectors/state/codec.h"

namespace tocsin::detectors {
namespace {

std::string LabelOfDevice(std::string_view platform, std::string_view model, std::string_view os,
                          std::string_view browser) {
  std::string label;
  if (!model.empty()) {
    label = model;
    if (!os.empty()) label.append(" (").append(os).append(")");
  } else if (!browser.empty()) {
    label = browser;
    if (!os.empty()) label.append(" on ").append(os);
  } else {
    label = os.empty() ? platform : os;
  }
  return CleanText(label);
}

std::string LabelOfNetwork(uint32_t asn, std::string_view organization) {
  std::string label = "AS" + std::to_string(asn);
  if (!organization.empty()) label.append(" ").append(CutUtf8(organization, Networks::kOrganizationBytesMax));
  return CleanText(label);
}

}  // namespace

std::string PlaceLabel(const schemas::Place& place) {
  std::string label = !place.city.empty() ? place.city : place.region;
  if (!place.country.empty()) {
    if (!label.empty()) label += ", ";
    label += place.country;
  }
  return std::string(CutUtf8(CleanText(label), Places::kLabelBytesMax));
}

std::string DeviceLabel(const schemas::Device& device) {
  return LabelOfDevice(device.platform, device.model, device.os_family, device.browser_family);
}

std::string DeviceLabel(const KnownDevice& device) {
  return LabelOfDevice(device.platform, device.model, device.os_family, device.browser_family);
}

std::string NetworkLabel(const schemas::Network& network) {
  if (network.asn != 0) return LabelOfNetwork(network.asn, network.organization);
  return network.has_address && network.address.IsPublic() ? network.address.ToMasked() : std::string();
}

std::string NetworkLabel(const KnownNetwork& network) {
  return network.asn == 0 ? std::string() : LabelOfNetwork(network.asn, network.organization);
}

}  // namespace tocsin::detectors
