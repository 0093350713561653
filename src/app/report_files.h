// The files of `--report DIR`: index.html to read, evaluation.json to go on with.
#pragma once

#include <string>

#include "app/operations.h"
#include "learning/report_page.h"

namespace tideline {

// Makes the folder where it is not there; replaces both files. io_failed names what cannot be
// written.
Status write_report(const std::string& folder, const ReportHead& head,
                    const EvaluationReport& report);

// The same where the argument "report" names a folder.
Status write_report_asked_for(const boost::json::object& arguments, const ReportHead& head,
                              const EvaluationReport& report);

}  // namespace tideline
