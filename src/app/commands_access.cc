// keys, users.
#include <cstdio>
#include <iostream>

#include "app/commands.h"

namespace tideline {
namespace {

bool yes_at(const Json& value, const char* key) { return value.as_object().at(key).as_bool(); }

struct KeyFlags {
  FolderFlags folder;
  std::string id;
  std::vector<std::string> scopes = {"ingest", "read"};
  std::string expires;
};

void print_keys(const Json& result) {
  for (const Json& key : result.as_object().at("keys").as_array()) {
    std::string scopes;
    for (const Json& scope : key.as_object().at("scopes").as_array()) {
      scopes += (scopes.empty() ? "" : ",") + std::string(scope.as_string());
    }
    const std::string expires = text_at(key, "expires");
    const std::string used = text_at(key, "last_used");
    std::printf("%-20s %s…  %-24s %s%s%s%s\n", text_at(key, "id").c_str(),
                text_at(key, "prefix").c_str(), scopes.c_str(), text_at(key, "created").c_str(),
                used.empty() ? "  never used" : ("  used " + used).c_str(),
                expires.empty() ? "" : ("  expires " + expires).c_str(),
                yes_at(key, "revoked") ? "  revoked" : "");
  }
}

// Runs `operation` with what `arguments` says by then, and prints its result.
void runs(CommandLine& line, CLI::App& command, const FolderFlags& folder, const char* operation,
          std::function<Result<boost::json::object>()> arguments,
          std::function<void(const Json&)> print) {
  command.callback([&line, &folder, operation = std::string(operation),
                    arguments = std::move(arguments), print = std::move(print)] {
    line.action = [&line, &folder, operation, arguments, print] {
      const auto given = arguments();
      if (!given) return report(given.error());
      return with_session(folder, operation, *given, [&](const Json& result) {
        if (line.json) {
          print_json(result);
        } else {
          print(result);
        }
        return 0;
      });
    };
  });
}

void add_key_create(CLI::App& keys, CommandLine& line, const std::shared_ptr<KeyFlags>& flags) {
  CLI::App* create = keys.add_subcommand("create", "Make a key; it is shown only now");
  create->add_option("id", flags->id,
                     "Name of the key, and of the source whose events it sends (default: a name "
                     "is made)");
  create
      ->add_option("--scope", flags->scopes,
                   "What it opens: ingest, read, act, operate, administer; several with commas")
      ->delimiter(',')
      ->capture_default_str()
      ->check(CLI::IsMember({"ingest", "read", "act", "operate", "administer"}));
  create->add_option("--expires", flags->expires, "From this moment on it opens nothing");
  add_folder_flags(*create, flags->folder, true);
  add_json_flag(*create, line);
  add_examples(*create,
               "  tideline keys create web-shop --data demo\n"
               "  tideline keys create page --scope ingest --data demo\n"
               "  tideline keys create audit --scope read --expires 2027-01-01T00:00:00Z");
  runs(
      line, *create, flags->folder, "create_key",
      [flags]() -> Result<boost::json::object> {
        boost::json::object arguments;
        if (!flags->id.empty()) arguments["id"] = flags->id;
        arguments["scopes"] = boost::json::array(flags->scopes.begin(), flags->scopes.end());
        if (!flags->expires.empty()) arguments["expires"] = flags->expires;
        return arguments;
      },
      [](const Json& result) {
        std::printf("source %s\nkey    %s\n", text_at(result, "id").c_str(),
                    text_at(result, "key").c_str());
      });
}

struct UserFlags {
  FolderFlags folder;
  std::string name;
  std::string role = "viewer";
  bool enable = false;
  bool password_from_stdin = false;
};

// The first line of standard input.
Result<std::string> read_password() {
  std::string password;
  if (std::getline(std::cin, password) && !password.empty()) return password;
  return fail(ErrorCode::invalid, "standard input holds no password", "usage");
}

void print_user(const Json& result) {
  std::printf("user     %s\nrole     %s%s\n", text_at(result, "name").c_str(),
              text_at(result, "role").c_str(), yes_at(result, "disabled") ? ", disabled" : "");
  const std::string password = text_at(result, "password");
  if (!password.empty()) std::printf("password %s  (shown only now)\n", password.c_str());
}

CLI::App* add_user_command(CLI::App& users, CommandLine& line, UserFlags& flags, const char* name,
                           const char* what, const char* examples) {
  CLI::App* command = users.add_subcommand(name, what);
  command->add_option("name", flags.name, "Name of the user")->required();
  add_folder_flags(*command, flags.folder, true);
  add_json_flag(*command, line);
  add_examples(*command, examples);
  return command;
}

void add_user_create(CLI::App& users, CommandLine& line, const std::shared_ptr<UserFlags>& flags) {
  CLI::App* create = add_user_command(
      users, line, *flags, "create", "Make a user; a password is made unless one is given",
      "  tideline users create ada --role admin --data demo\n"
      "  tideline users create ada --role analyst --password-stdin --data demo < password.txt");
  create->add_option("--role", flags->role, "viewer, analyst, operator or admin")
      ->capture_default_str()
      ->check(CLI::IsMember({"viewer", "analyst", "operator", "admin"}));
  create->add_flag("--password-stdin", flags->password_from_stdin,
                   "Read the password from the first line of standard input");
  runs(
      line, *create, flags->folder, "create_user",
      [flags]() -> Result<boost::json::object> {
        boost::json::object arguments{{"name", flags->name}, {"role", flags->role}};
        if (flags->password_from_stdin) {
          TRY_ASSIGN(const std::string password, read_password());
          arguments["password"] = password;
        }
        return arguments;
      },
      print_user);
}

void add_user_changes(CLI::App& users, CommandLine& line,
                      const std::shared_ptr<UserFlags>& flags) {
  CLI::App* role = add_user_command(users, line, *flags, "role",
                                    "Change a user's role; they are signed out everywhere",
                                    "  tideline users role ada operator --data demo");
  role->add_option("role", flags->role, "viewer, analyst, operator or admin")
      ->required()
      ->check(CLI::IsMember({"viewer", "analyst", "operator", "admin"}));
  runs(
      line, *role, flags->folder, "change_user",
      [flags]() -> Result<boost::json::object> {
        return boost::json::object{{"name", flags->name}, {"role", flags->role}};
      },
      print_user);

  CLI::App* disable = add_user_command(users, line, *flags, "disable",
                                       "Let a user in no more; they are signed out everywhere",
                                       "  tideline users disable ada --data demo\n"
                                       "  tideline users disable ada --undo --data demo");
  disable->add_flag("--undo", flags->enable, "Let the user in again");
  runs(
      line, *disable, flags->folder, "change_user",
      [flags]() -> Result<boost::json::object> {
        return boost::json::object{{"name", flags->name},
                                   {flags->enable ? "enable" : "disable", true}};
      },
      print_user);

  CLI::App* password = add_user_command(
      users, line, *flags, "password", "Set a new password, also when nobody can sign in any more",
      "  tideline users password ada --data demo\n"
      "  tideline users password ada --password-stdin --data demo < password.txt");
  password->add_flag("--password-stdin", flags->password_from_stdin,
                     "Read it from the first line of standard input; else one is made");
  runs(
      line, *password, flags->folder, "change_user",
      [flags]() -> Result<boost::json::object> {
        boost::json::object arguments{{"name", flags->name}};
        if (!flags->password_from_stdin) {
          arguments["make_password"] = true;
          return arguments;
        }
        TRY_ASSIGN(const std::string given, read_password());
        arguments["password"] = given;
        return arguments;
      },
      print_user);
}

}  // namespace

void add_keys(CommandLine& line) {
  auto flags = std::make_shared<KeyFlags>();
  CLI::App* keys = line.app.add_subcommand("keys", "Keys by which programs send events and read");
  keys->require_subcommand(1);
  add_examples(*keys,
               "  tideline keys create web-shop --data demo\n"
               "  tideline keys list --data demo\n"
               "  tideline keys revoke web-shop --data demo");
  add_key_create(*keys, line, flags);

  CLI::App* list = keys->add_subcommand("list", "List the keys");
  add_folder_flags(*list, flags->folder, true);
  add_json_flag(*list, line);
  add_examples(*list, "  tideline keys list --data demo");
  runs(
      line, *list, flags->folder, "keys",
      []() -> Result<boost::json::object> { return boost::json::object(); }, print_keys);

  CLI::App* revoke = keys->add_subcommand("revoke", "Revoke a key; it opens nothing from now on");
  revoke->add_option("id", flags->id, "Name of the key")->required();
  add_folder_flags(*revoke, flags->folder, true);
  add_json_flag(*revoke, line);
  add_examples(*revoke, "  tideline keys revoke web-shop --data demo");
  runs(
      line, *revoke, flags->folder, "revoke_key",
      [flags]() -> Result<boost::json::object> {
        return boost::json::object{{"id", flags->id}};
      },
      [](const Json& result) { std::printf("revoked %s\n", text_at(result, "id").c_str()); });
}

void add_users(CommandLine& line) {
  auto flags = std::make_shared<UserFlags>();
  CLI::App* users =
      line.app.add_subcommand("users", "People who sign in to the page, and their roles");
  users->require_subcommand(1);
  add_examples(*users,
               "  tideline users create ada --role admin --data demo\n"
               "  tideline users list --data demo\n"
               "  tideline users password ada --data demo");
  add_user_create(*users, line, flags);

  CLI::App* list = users->add_subcommand("list", "List the users");
  add_folder_flags(*list, flags->folder, true);
  add_json_flag(*list, line);
  add_examples(*list, "  tideline users list --data demo");
  runs(
      line, *list, flags->folder, "users",
      []() -> Result<boost::json::object> { return boost::json::object(); },
      [](const Json& result) {
        for (const Json& user : result.as_object().at("users").as_array()) {
          const std::string login = text_at(user, "last_login");
          std::printf("%-24s %-10s %s%s\n", text_at(user, "name").c_str(),
                      text_at(user, "role").c_str(),
                      login.empty() ? "never signed in" : ("signed in " + login).c_str(),
                      yes_at(user, "disabled") ? "  disabled" : "");
        }
      });
  add_user_changes(*users, line, flags);
}

}  // namespace tideline
