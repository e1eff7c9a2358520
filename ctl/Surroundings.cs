namespace SidecarAgent.Ctl;

/// <summary>What a command sees of the process it runs in, besides its arguments, standard output and standard error.</summary>
internal sealed record Surroundings
{
    /// <summary>Standard input, as bytes.</summary>
    public required Stream Input { get; init; }

    /// <summary>
    /// Where a person types: reads one line without showing it; the argument is the prompt. Null when standard input is
    /// not a terminal.
    /// </summary>
    public Func<string, string>? ReadHidden { get; init; }

    /// <summary>Columns of the terminal that standard output is; null when it is a pipe or a file.</summary>
    public int? TerminalWidth { get; init; }

    /// <summary>Standard error is a terminal.</summary>
    public bool ErrorIsTerminal { get; init; }

    /// <summary>Environment variables.</summary>
    public required Func<string, string?> Variable { get; init; }

    public required TimeProvider Time { get; init; }

    public static Surroundings OfThisProcess() => new()
    {
        Input = Console.OpenStandardInput(),
        ReadHidden = Console.IsInputRedirected ? null : HiddenLine.Read,
        TerminalWidth = Console.IsOutputRedirected ? null : Math.Max(Console.WindowWidth, 40),
        ErrorIsTerminal = !Console.IsErrorRedirected,
        Variable = Environment.GetEnvironmentVariable,
        Time = TimeProvider.System,
    };
}
