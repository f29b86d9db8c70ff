#pragma once

#include <string>
#include <vector>

namespace dovetail {

/// Runs plots/SCRIPT with `args`. The scripts are looked for in $DOVETAIL_PLOTS, else with the
/// program; the interpreter is the first of /usr/bin/python3 and python3 on PATH that can
/// import matplotlib. Throws InputError if the script refuses its input (it has said why on
/// stderr), RunError if there is no such interpreter or the script fails.
void run_plot_script(const std::string& script, const std::vector<std::string>& args);

}  // namespace dovetail
