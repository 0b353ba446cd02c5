//! Examples behind `--help`.

pub const ENGOBE: &str = "\
Examples:
  engobe new shi2023                        a commented scenario to start from
  engobe check shi2023.toml                 is it right, and what will be simulated?
  engobe run shi2023.toml                   everything, into runs/shi2023/
  engobe run shi2023.toml --resume          go on after Ctrl-C
  engobe materials LPSCl                    what a substance is taken to be, and why
  engobe analyse spectrum.csv --area 0.785cm2 --loading 10.6mg/cm2 --material NCM83 --at 3.15V

Exit codes:
  0 done, 1 something failed on the way, 2 the scenario or the arguments are refused,
  3 a file could not be written, 130 stopped by Ctrl-C

`engobe help COMMAND` has examples of each.";

pub const NEW: &str = "\
Examples:
  engobe new                                list the systems
  engobe new ma2024                         write ma2024.toml
  engobe new kissel2025 -o coated.toml      write coated.toml";

pub const CHECK: &str = "\
Examples:
  engobe check scenario.toml
  engobe check scenario.toml --estimates    with every estimate used and its reason
  engobe check scenario.toml --json         for programs

Nothing is simulated. The exit code is 2 if the scenario is refused; warnings alone leave it 0.";

pub const RUN: &str = "\
Examples:
  engobe run scenario.toml                  into runs/scenario/
  engobe run scenario.toml -o results/one --force
  engobe run scenario.toml --resume         go on from the checkpoint after Ctrl-C
  engobe run scenario.toml --json | jq -c 'select(.event == \"progress\")'

Ctrl-C stops at the end of the cycle, a second one at once; a checkpoint is kept either way.
The number of threads is set by the environment, RAYON_NUM_THREADS=4; results do not depend on it.";

pub const MICROSTRUCTURE: &str = "\
Examples:
  engobe microstructure scenario.toml --export vtk,tiff --slices 3
  engobe microstructure scenario.toml --realisations 8 --box-edges '15 um, 20 um, 30 um'
  engobe microstructure scenario.toml --fields      potential and current for ParaView";

pub const IMPEDANCE: &str = "\
Examples:
  engobe impedance scenario.toml --at 3.15V                          after all cycles
  engobe impedance scenario.toml --at-cycle 0 --at '3.77 V vs Li'    of the fresh cell
  engobe impedance scenario.toml --at-cycle 10 --at 3.15V --under 0.1C --noise 0.3%
  engobe impedance scenario.toml --at 3.15V \\
      --amplitude '10 mV to 10 mHz, 5 mV to 1 mHz, 3 mV to 100 uHz' --noise '30 uV'";

pub const ANALYSE: &str = "\
Examples:
  engobe analyse spectrum.csv --area 0.785cm2 --loading 10.6mg/cm2 --material NCM83 --at 3.15V
  engobe analyse spectrum.csv cycling.csv --scenario scenario.toml --blank symmetric-cell.csv
  engobe analyse runs/shi2023-1p            what was simulated, read in the same way
  engobe analyse runs/ma2022-zro2 --reference runs/ma2022-bare      with ToF-SIMS intensities
  engobe analyse ions.csv --reference-sample bare                   measured ones
  engobe analyse peaks.csv thicknesses.csv --marker-ratio 0.4       XPS, coverage of a coating";

pub const ANNEAL: &str = "\
Examples:
  engobe anneal scenarios/kissel2025-400.toml
  engobe anneal scenarios/kissel2025-400.toml --from 200 --to 600 -o runs/anneal";

pub const VALIDATE: &str = "\
Examples:
  engobe validate                           all papers; finished simulations are kept
  engobe validate shi2023 ma2022            only these
  engobe validate --realisations 4          with the spread over structures";

pub const FIT: &str = "\
Examples:
  engobe fit validation/fit.toml --check    what would be fitted to what
  engobe fit validation/fit.toml            stopped, it goes on where it was
  engobe fit mine.toml --write              and put the values into the files";

pub const EXPORT: &str = "\
Examples:
  engobe export scenario.toml --bpx                   runs/scenario-bpx.json, for PyBaMM
  engobe export scenario.toml --bpx -o cells/ --lower '2.0 V' --upper '3.7 V'
  engobe export runs/scenario --spectra               spectrum-1.csv, ... for impedance.py
  engobe export runs/scenario --series                series.bdf.csv, Battery Data Format

In Python:
  pybamm.ParameterValues.create_from_bpx('runs/scenario-bpx.json')
  impedance.preprocessing.readCSV('runs/scenario/spectrum-1.csv')
  bdf.read('runs/scenario/series.bdf.csv')

BPX is made of a scenario, spectra and series of the directory of a run. What BPX cannot hold is
left out: the coating (but for its resistance when fresh), interphases and all ageing, the
spread of particle sizes, and how rate and electronic conductivity depend on the lithium content.
Structures for ParaView, PoreSpy and TauFactor: engobe microstructure --export vtk,tiff,npy.";

pub const MATERIALS: &str = "\
Examples:
  engobe materials                          all of them
  engobe materials NCM83                    values, units, sources, plausible ranges
  engobe materials laws                     constants of the degradation mechanisms
  engobe materials --scenario scenario.toml --json    as a scenario has them, in SI";

pub const SCHEMA: &str = "\
Examples:
  engobe schema > engobe.schema.json

With the line `#:schema ./engobe.schema.json` at the top of a scenario, editors that know
Taplo (Even Better TOML) complete keys, explain them and underline what is wrong.";

pub const COMPLETIONS: &str = "\
Examples:
  engobe completions bash > ~/.local/share/bash-completion/completions/engobe
  engobe completions zsh > ~/.zfunc/_engobe
  engobe completions fish > ~/.config/fish/completions/engobe.fish";
