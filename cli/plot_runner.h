#pragma once

#include <string>
#include <vector>

namespace dovetail {

/// Runs plots/SCRIPT with `args`. The scripts are looked for in $DOVETAIL_PLOTS, else with the
/// program; the interpreter is the first of /usr/bin/python3 and python3 on PATH that can
/// import matplotlib. Throws InputError if the script refuses its input (it has said why on
/// stderr), RunError if there is no such interpreter or the script fails.
void run_plot_script(const std::string& script, const std::vector<std::string>& args);

/// For a command that writes a CSV and draws it: names `csv` after `plot` if it has no name. Throws
/// InputError, before long work, if one of the two cannot be written or the CSV is standard output.
/// Nothing to do if `plot` is "".
void require_plottable(const std::string& plot, std::string& csv);

/// Throws InputError unless the folder of `file` can be written; "" is no file.
void require_writable_folder_of(const std::string& file);

}  // namespace dovetail
