using System.CommandLine;
using System.CommandLine.Parsing;

namespace SidecarAgent.Ctl.Connection;

/// <summary>How to reach the broker, ready to be used.</summary>
/// <param name="Address">Where it is.</param>
/// <param name="CaFile">PEM certificates to trust instead of the system's; null: the system's.</param>
/// <param name="TokenFile">The operator's token; null for <see cref="BrokerAddress.Remote"/> only with a client certificate.</param>
/// <param name="Timeout">How long one call may take, connecting included.</param>
internal sealed record BrokerSettings(BrokerAddress Address, string? CaFile, string? TokenFile, TimeSpan Timeout)
{
    /// <summary>The operator's certificate and its key, PEM; null: none.</summary>
    public (string CertFile, string KeyFile)? Client { get; init; }
}

/// <summary>The global options that say how to reach the broker; each falls back to an environment variable.</summary>
internal sealed class BrokerOptions
{
    private const string BrokerVariable = "SIDECARCTL_BROKER";
    private const string CaFileVariable = "SIDECARCTL_CA_FILE";
    private const string TokenFileVariable = "SIDECARCTL_TOKEN_FILE";
    private const string ClientCertVariable = "SIDECARCTL_CLIENT_CERT";
    private const string ClientKeyVariable = "SIDECARCTL_CLIENT_KEY";
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
    private readonly Option<string?> _clientCert = FileName.Option(
        "--client-cert", "FILE", $"PEM file with the certificate that says who you are, instead of a token ({ClientCertVariable}).");
    private readonly Option<string?> _clientKey = FileName.Option(
        "--client-key", "FILE", $"PEM file with its private key ({ClientKeyVariable}).");
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

    public IEnumerable<Option> All => [_broker, _caFile, _tokenFile, _clientCert, _clientKey, _timeout];

    /// <exception cref="CommandFailedException">The options and variables together do not say how to reach it.</exception>
    public BrokerSettings Read(ParseResult parsed)
    {
        var address = parsed.GetValue(_broker) ?? AddressFromVariable();
        var tokenFile = parsed.GetValue(_tokenFile) ?? Variable(TokenFileVariable);
        var client = Client(parsed);
        if (address is BrokerAddress.Remote && tokenFile is null && client is null)
        {
            throw CommandFailedException.Usage(
                $"over https:// the broker needs to know who you are: give --token-file FILE, or set {TokenFileVariable}, "
                + "or give --client-cert and --client-key");
        }

        var caFile = parsed.GetValue(_caFile) ?? Variable(CaFileVariable);
        return new BrokerSettings(address, caFile, tokenFile, parsed.GetValue(_timeout) ?? DefaultTimeout) { Client = client };
    }

    private (string CertFile, string KeyFile)? Client(ParseResult parsed)
    {
        var certificate = parsed.GetValue(_clientCert) ?? Variable(ClientCertVariable);
        var key = parsed.GetValue(_clientKey) ?? Variable(ClientKeyVariable);
        if (certificate is null != key is null)
            throw CommandFailedException.Usage("a client certificate and its key go together: give both --client-cert and --client-key");
        return certificate is null ? null : (certificate, key!);
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
