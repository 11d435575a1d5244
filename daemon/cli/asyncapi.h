// The AsyncAPI document in one piece: schemas/asyncapi.yaml with each JSON Schema in the place of its file's
// name, so that every reference in it leads to itself.
#pragma once

#include <string>

namespace tocsin::daemon {

[[nodiscard]] std::string AsyncApiDocument();

}  // namespace tocsin::daemon
