using System.CommandLine;
using System.CommandLine.Parsing;

namespace SidecarAgent.Ctl.Connection;

/// <summary>How to reach the broker, ready to be used.</summary>
/// <param name="Address">Where it is.</param>
/// <param name="CaFile">PEM certificates to trust instead of the system's; null: the system's.</param>
/// <param name="TokenFile">The operator's token; never null for <see cref="BrokerAddress.Remote"/>.</param>
/// <param name="Timeout">How long one call may take, connecting included.</param>
internal sealed record BrokerSettings(BrokerAddress Address, string? CaFile, string? TokenFile, TimeSpan Timeout);

/// <summary>The global options that say how to reach the broker; each falls back to an environment variable.</summary>
internal sealed class BrokerOptions
{
    private const string BrokerVariable = "SIDECARCTL_BROKER";
    private const string CaFileVariable = "SIDECARCTL_CA_FILE";
    private const string TokenFileVariable = "SIDECARCTL_TOKEN_FILE";
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(30);

    private readonly Func<string, string?> _variable;
    private readonly Option<BrokerAddress?> _broker = new("--broker")
    {
        Description = $"Where the broker listens ({BrokerVariable}). Default: {BrokerAddress.Default}",
        HelpName = "unix:///PATH|https://HOST:PORT",
        CustomParser = ParseAddress,
    };
    private readonly Option<string?> _caFile = FileName.Option(
        "--ca-file", "FILE", $"PEM file with the CA that the broker's certificate must come from ({CaFileVariable}).");
    private readonly Option<string?> _tokenFile = FileName.Option(
        "--token-file", "FILE", $"File with the token that says who you are, needed for https:// ({TokenFileVariable}).");
    private readonly Option<TimeSpan?> _timeout = new("--timeout")
    {
        Description = "How long the broker may take to answer, such as 10s or 2m. Default: 30s",
        HelpName = "DURATION",
        CustomParser = Durations.Parser(TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)),
    };

    public BrokerOptions(Surroundings surroundings)
    {
        _variable = surroundings.Variable;
        foreach (var option in All)
            option.Recursive = true;
    }

    public IEnumerable<Option> All => [_broker, _caFile, _tokenFile, _timeout];

    /// <exception cref="CommandFailedException">The options and variables together do not say how to reach it.</exception>
    public BrokerSettings Read(ParseResult parsed)
    {
        var address = parsed.GetValue(_broker) ?? AddressFromVariable();
        var tokenFile = parsed.GetValue(_tokenFile) ?? Variable(TokenFileVariable);
        if (address is BrokerAddress.Remote && tokenFile is null)
        {
            throw CommandFailedException.Usage(
                $"over https:// the broker needs to know who you are: give --token-file FILE, or set {TokenFileVariable}");
        }

        var caFile = parsed.GetValue(_caFile) ?? Variable(CaFileVariable);
        return new BrokerSettings(address, caFile, tokenFile, parsed.GetValue(_timeout) ?? DefaultTimeout);
    }

    private static BrokerAddress? ParseAddress(ArgumentResult result)
    {
        if (!BrokerAddress.TryParse(result.Tokens[0].Value, out var address, out var problem))
            result.AddError(problem);
        return address;
    }

    private BrokerAddress AddressFromVariable() =>
        BrokerAddress.TryParse(Variable(BrokerVariable) ?? BrokerAddress.Default, out var address, out var problem)
            ? address
            : throw CommandFailedException.Usage($"the environment variable {BrokerVariable} cannot be used: {problem}");

    private string? Variable(string name) => _variable(name) is { Length: > 0 } value ? value : null;
}
