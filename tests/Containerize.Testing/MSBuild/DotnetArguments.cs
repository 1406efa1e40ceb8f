namespace Containerize.Testing;

/// <summary>
/// A command line of <c>dotnet build</c> or <c>dotnet publish</c>, as the global properties and targets that the command makes of it.
/// </summary>
/// <param name="Project">The project: a folder with one project file, or the file.</param>
/// <param name="Targets">The targets, in order.</param>
/// <param name="Properties">The global properties; their values are escaped, as on the command line.</param>
/// <param name="Restores">Whether the command restores first.</param>
/// <param name="Verbosity">What <c>-v</c> says; <c>minimal</c> for publish without.</param>
internal sealed record DotnetArguments(
    string Project, IReadOnlyList<string> Targets, IReadOnlyDictionary<string, string> Properties, bool Restores, string Verbosity)
{
    /// <summary>Reads a command line.</summary>
    /// <exception cref="NotSupportedException">
    /// An option is none of those that tests use, or the command means more than one build.
    /// </exception>
    public static DotnetArguments Parse(IReadOnlyList<string> arguments)
    {
        var reading = new Reading(arguments);
        return reading.Read();
    }

    private sealed class Reading(IReadOnlyList<string> arguments)
    {
        private readonly Dictionary<string, string> _properties = new(StringComparer.OrdinalIgnoreCase);
        private readonly List<string> _targets = [];
        private string? _project;
        private string _verbosity = "minimal";
        private bool _restores = true;
        private int _next = 1;

        public DotnetArguments Read()
        {
            // As the command does: the SDK's publish is a release.
            var publishes = arguments[0] == "publish";
            if (publishes)
            {
                _targets.Add("Publish");
                _properties["_IsPublishing"] = "true";
                _properties["Configuration"] = "Release";
            }
            else if (arguments[0] != "build")
            {
                throw new NotSupportedException($"'dotnet {arguments[0]}' takes a process of its own.");
            }

            _properties["NuGetInteractive"] = "false";
            while (_next < arguments.Count)
                ReadOne(arguments[_next++]);
            // dotnet restores without the framework, in a build of its own.
            if (_restores && _properties.ContainsKey("TargetFramework"))
                throw new NotSupportedException("'--framework' without '--no-restore' takes a process of its own.");
            return new DotnetArguments(_project ?? ".", _targets, _properties, _restores, _verbosity);
        }

        private void ReadOne(string argument)
        {
            switch (argument)
            {
                case "--no-build":
                    _properties["NoBuild"] = "true";
                    _restores = false;
                    break;
                case "--no-restore":
                    _restores = false;
                    break;
                case "-c" or "--configuration":
                    _properties["Configuration"] = arguments[_next++];
                    break;
                case "-r" or "--runtime":
                    _properties["RuntimeIdentifier"] = arguments[_next++];
                    _properties["_CommandLineDefinedRuntimeIdentifier"] = "true";
                    break;
                case "-f" or "--framework":
                    _properties["TargetFramework"] = arguments[_next++];
                    break;
                case "--self-contained":
                    _properties["SelfContained"] = _next < arguments.Count && bool.TryParse(arguments[_next], out _) ? arguments[_next++]
                        : "true";
                    _properties["_CommandLineDefinedSelfContained"] = "true";
                    break;
                default:
                    ReadSwitch(argument);
                    break;
            }
        }

        private void ReadSwitch(string argument)
        {
            if (argument.StartsWith("-p:", StringComparison.Ordinal))
                ReadProperty(argument[3..]);
            else if (argument.StartsWith("-t:", StringComparison.Ordinal))
                _targets.AddRange(argument[3..].Split(';'));
            else if (argument.StartsWith("-v:", StringComparison.Ordinal))
                _verbosity = argument[3..];
            else if (argument[0] != '-' && _project is null)
                _project = argument;
            else
                throw new NotSupportedException($"'{argument}' takes a process of its own.");
        }

        // MSBuild takes a ';' for the beginning of another property, unless the value stands in quotes.
        private void ReadProperty(string text)
        {
            var (name, value) = text.IndexOf('=', StringComparison.Ordinal) is var at and > 0
                ? (text[..at], text[(at + 1)..])
                : throw new NotSupportedException($"'-p:{text}' is no property.");
            if (value is ['"', .. var quoted, '"'])
                value = quoted;
            else if (value.Contains(';', StringComparison.Ordinal) || value.Contains('"', StringComparison.Ordinal))
                throw new NotSupportedException($"'-p:{text}' is more than one property.");
            _properties[name] = value;
        }
    }
}
