#include "detectors/state/networks.h"

#include <algorithm>
#include <limits>

#include "detectors/state/codec.h"

namespace tocsin::detectors {
namespace {

Timestamp NewestOf(const Networks& networks) {
  Timestamp newest = kTimestampMin;
  for (const KnownNetwork& network : networks.known) newest = std::max(newest, network.tenure.last_seen);
  return newest;
}

}  // namespace

void Networks::Encode(ByteWriter& writer) const {
  const Timestamp base = NewestOf(*this);
  writer.Varint(static_cast<uint64_t>(ToMillis(base)));
  writer.Varint(known.size());
  for (const KnownNetwork& network : known) {
    writer.Varint(network.asn);
    writer.Byte(static_cast<uint8_t>(static_cast<unsigned>(network.network_class) << 4 |
                                     static_cast<unsigned>(network.anonymiser)));
    writer.String(network.organization);
    WriteTenure(writer, network.tenure, base);
  }
}

bool Networks::Decode(ByteReader& reader, uint8_t version, Networks& into) {
  if (version > kVersion) return false;
  const uint64_t base_millis = reader.Varint();
  if (base_millis > static_cast<uint64_t>(ToMillis(kTimestampMax))) return false;
  const Timestamp base = FromMillis(static_cast<int64_t>(base_millis));
  const size_t count = reader.Count(10);
  if (count > kKnownMax) return false;
  into.known.resize(count);
  for (KnownNetwork& network : into.known) {
    const uint64_t asn = reader.Varint();
    const uint8_t kind = reader.Byte();
    if (asn > std::numeric_limits<uint32_t>::max() ||
        kind >> 4 > static_cast<int>(schemas::NetworkClass::kPrivate) ||
        (kind & 15) > static_cast<int>(schemas::Anonymiser::kRelay)) {
      return false;
    }
    network.asn = static_cast<uint32_t>(asn);
    network.network_class = static_cast<schemas::NetworkClass>(kind >> 4);
    network.anonymiser = static_cast<schemas::Anonymiser>(kind & 15);
    network.organization = reader.String();
    ReadTenure(reader, network.tenure, base);
  }
  return reader.ok();
}

size_t Networks::HeapBytes() const {
  size_t bytes = HeapBytesOf(known);
  for (const KnownNetwork& network : known)
    bytes += HeapBytesOf(network.organization) + HeapBytesOf(network.tenure.introduced_by);
  return bytes;
}

}  // namespace tocsin::detectors
