#include "daemon/doctor/secrets.h"

#include <sys/stat.h>

#include <filesystem>
#include <set>

#include "daemon/config/yaml_node.h"
#include "daemon/store/small_file.h"

namespace tocsin::daemon {
namespace {

namespace fs = std::filesystem;

// {file: PATH} is a secret wherever it stands; kafka.security.key is a path by itself.
void Collect(const YamlNode& node, const std::string& path, std::set<std::string>& files) {
  for (const YamlNode& item : node.items) Collect(item, path, files);
  const bool secret = node.members.size() == 1 && node.members.front().key.text == "file";
  for (const auto& [name, value] : node.members) {
    const std::string below = path + name.text;
    const bool names_file = secret || below == "kafka.security.key";
    if (names_file && value.kind == YamlNode::Kind::kScalar && !value.text.empty()) files.insert(value.text);
    Collect(value, below + ".", files);
  }
}

}  // namespace

std::string CredentialRemedy(const ConfigProblem& problem) {
  if (problem.text.find("/run/credentials/") == std::string::npos ||
      problem.text.find(" cannot be read") == std::string::npos)
    return {};
  return "systemd makes this folder only while the unit runs, for its user and for root: start the unit and "
         "run "
         "this with sudo; or look at `journalctl -u tocsin` for what the unit said of its configuration";
}

Diagnoses ExamineSecrets(const std::string& path) {
  Diagnoses said;
  const Result<std::string> yaml = ReadBoundedFile(path, size_t{1} << 20U);
  if (!yaml) return said;  // Said where the configuration is read.
  const Result<YamlNode, YamlProblem> root = ParseYaml(*yaml);
  if (!root) return said;
  std::set<std::string> files;
  Collect(*root, "", files);
  bool good = !files.empty();
  for (const std::string& name : files) {
    const fs::path place = fs::path(path).parent_path() / name;  // An absolute name stays what it is.
    struct stat facts {};
    if (::stat(place.c_str(), &facts) != 0) continue;  // Said where the file is read.
    if ((facts.st_mode & (S_IROTH | S_IWOTH)) == 0) continue;
    good = false;
    said.push_back({"secrets", Health::kWarning,
                    place.string() + " holds a secret, and every user of this machine may " +
                        ((facts.st_mode & S_IWOTH) != 0 ? "change it" : "read it"),
                    "chmod o-rwx " + place.string()});
  }
  if (good)
    said.push_back(
        {"secrets", Health::kGood, std::to_string(files.size()) + " files, none open to others", {}});
  return said;
}

}  // namespace tocsin::daemon
