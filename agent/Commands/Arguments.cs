namespace SidecarAgent.Agent.Commands;

/// <summary>
/// The command line, taken apart. Plainly, because there is so little of it: System.CommandLine was measured to add 0.4 MB and
/// 1 ms, and the binary's budget of 16 MB has 0.3 MB left.
/// </summary>
internal sealed class Arguments
{
    public const string Usage = """
        sidecar-agent brings secrets into a pod as files, and keeps them fresh.

          sidecar-agent run    [--config FILE] [--allow-disk]                     keep the files fresh until told to stop
          sidecar-agent init   [--config FILE] [--allow-disk] [--timeout 60s]     fetch once, write the files once
          sidecar-agent wait   [--config FILE] [--timeout 60s]                    end when the files are there
          sidecar-agent check  [--config FILE]                                    say what would be fetched, or what is wrong
          sidecar-agent render --template FILE --data FILE.json [--missing-key error]
                                                                                  print what a template makes of data
          sidecar-agent version                                                   print the version

        Without --config the configuration is read from the variable SIDECAR_AGENT_CONFIG.
        Exit codes: 0 done, 1 failed, 2 bad configuration, 3 denied, 4 the broker or the files were not there in time.

        """;

    private const string Flag = "yes";

    private static readonly Dictionary<string, string[]> Known = new(StringComparer.Ordinal)
    {
        ["run"] = ["--config", "--allow-disk"],
        ["init"] = ["--config", "--allow-disk", "--timeout"],
        ["wait"] = ["--config", "--timeout"],
        ["check"] = ["--config"],
        ["render"] = ["--template", "--data", "--missing-key"],
        ["version"] = [],
        ["help"] = [],
    };

    private readonly Dictionary<string, string> _options = new(StringComparer.Ordinal);

    private Arguments(string command) => Command = command;

    public string Command { get; }

    /// <summary>The option's value; null: it was not given.</summary>
    public string? this[string option] => _options.GetValueOrDefault(option);

    /// <exception cref="CommandException">Not a command line of this program.</exception>
    public static Arguments Parse(IReadOnlyList<string> arguments)
    {
        if (arguments.Any(argument => argument is "--help" or "-h"))
            return new Arguments("help");
        if (arguments.Count == 0 || !Known.TryGetValue(arguments[0], out var allowed))
        {
            var what = arguments.Count == 0 ? "a command is missing" : $"'{arguments[0]}' is no command";
            throw Bad($"{what}: use one of {string.Join(", ", Known.Keys)}");
        }

        var parsed = new Arguments(arguments[0]);
        for (var index = 1; index < arguments.Count; index++)
            index += parsed.Take(arguments[index], index + 1 < arguments.Count ? arguments[index + 1] : null, allowed);
        return parsed;
    }

    /// <exception cref="CommandException">It was not given.</exception>
    public string Required(string option) => this[option] ?? throw Bad($"{Command} needs {option} FILE");

    /// <returns>Null: it was not given.</returns>
    /// <exception cref="CommandException">It is none of these.</exception>
    public string? Choice(string option, params string[] choices) => this[option] is not { } value || choices.Contains(value)
        ? this[option]
        : throw Bad($"{option}: '{value}' must be one of {string.Join(", ", choices)}");

    /// <returns>How many arguments of those that follow were taken too.</returns>
    private int Take(string argument, string? next, string[] allowed)
    {
        var equals = argument.IndexOf('=', StringComparison.Ordinal);
        var option = equals < 0 ? argument : argument[..equals];
        if (!allowed.Contains(option))
            throw Bad($"{Command} does not know '{option}'{(allowed.Length == 0 ? "" : $": it knows {string.Join(", ", allowed)}")}");
        var isFlag = option is "--allow-disk";
        var value = equals >= 0 ? argument[(equals + 1)..] : isFlag ? Flag : next;
        if (string.IsNullOrEmpty(value) || (isFlag && equals >= 0))
            throw Bad(isFlag ? $"{option} takes no value" : $"{option} needs a value");
        if (!_options.TryAdd(option, value))
            throw Bad($"{option} stands twice");
        return equals >= 0 || isFlag ? 0 : 1;
    }

    private static CommandException Bad(string problem) => new(ExitCode.BadConfiguration, problem);
}
