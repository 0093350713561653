// ask: a question in plain words, on a folder that no server owns. Queries run as the API's do.
#include "api/asking.h"
#include "api/exact_json.h"
#include "app/operations.h"
#include "app/sql_service.h"

namespace tideline {

Result<Json> ask_question(const OperationContext& context, const boost::json::object& arguments) {
  Engine& engine = context.engine;
  const Asker asker(engine.pack());
  const Time now = engine.now().now();
  TRY_ASSIGN(const AskRequest request, asker.request_of(arguments, now));
  SqlRoom room(engine);
  AskSources sources;
  sources.sql = room.service().run;
  TRY_ASSIGN(const std::string answer, asker.ask(request, sources, now));
  return parse_exactly(answer);
}

}  // namespace tideline
