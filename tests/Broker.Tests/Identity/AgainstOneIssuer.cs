using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Identity;
using SidecarAgent.Testing;

namespace SidecarAgent.Broker.Tests.Identity;

/// <summary>A verifier that believes one issuer, whose keys are in a file, at a fixed time.</summary>
public abstract class AgainstOneIssuer : IDisposable
{
    private protected static readonly DateTimeOffset Now = new(2026, 7, 1, 12, 0, 0, TimeSpan.Zero);

    private protected readonly TempDirectory _directory = TempDirectory.Create();
    private protected readonly FakeTimeProvider _clock = new(Now);
    private protected readonly TokenIssuer _issuer;
    private protected readonly TrustedIssuers _issuers;
    private protected readonly TokenVerifier _verifier;

    protected AgainstOneIssuer()
    {
        _issuer = new TokenIssuer(clock: _clock);
        _issuer.WriteJwks(KeyFile);
        _issuers = new TrustedIssuers([Options(_issuer, KeyFile)], _clock, NullLogger<TrustedIssuers>.Instance);
        _verifier = new TokenVerifier(_issuers, _clock);
    }

    private protected string KeyFile => _directory.File("jwks.json");

    public void Dispose()
    {
        _issuer.Dispose();
        _directory.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected async Task<Caller> AcceptedAsync(string token)
    {
        var result = await _verifier.VerifyAsync(token, CancellationToken.None);
        return Assert.IsType<TokenResult.Verified>(result).Caller;
    }

    private protected async Task<string> RefusedAsync(TokenRejection reason, string? token)
    {
        // Twice, because a refusal must not be remembered as anything else.
        await _verifier.VerifyAsync(token, CancellationToken.None);
        var rejected = Assert.IsType<TokenResult.Rejected>(await _verifier.VerifyAsync(token, CancellationToken.None));
        Assert.Equal(reason, rejected.Reason);
        return rejected.Message;
    }

    private protected static IssuerOptions Options(TokenIssuer issuer, string keyFile) => new()
    {
        Issuer = issuer.Issuer,
        Audience = issuer.Audience,
        Keys = new KeySource.File(keyFile),
    };
}
