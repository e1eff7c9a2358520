using Microsoft.Extensions.Logging.Abstractions;
using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Identity;
using SidecarAgent.Testing;

namespace SidecarAgent.Broker.Tests.Identity;

public sealed class VerifiedTokensTests : IDisposable
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    private readonly TempDirectory _directory = TempDirectory.Create();
    private readonly TokenIssuer _issuer = new();
    private readonly VerifiedTokens _known = new();

    public void Dispose()
    {
        _issuer.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task What_is_used_stays_and_what_is_not_is_forgotten_in_the_end()
    {
        var proof = await ProofAsync();
        _known.Add("used", Caller("used"), proof);
        _known.Add("unused", Caller("unused"), proof);
        for (var i = 0; i < 20_000; i++)
        {
            _known.Add($"token-{i}", Caller("other"), proof);
            if (i % 1000 == 0)
                Assert.True(_known.TryGet("used", Now, out _, out _));
        }

        Assert.True(_known.TryGet("used", Now, out var caller, out _));
        Assert.Equal("used", caller.Workload.ServiceAccount);
        Assert.False(_known.TryGet("unused", Now, out _, out _));
        Assert.False(_known.TryGet("token-0", Now, out _, out _));
        Assert.True(_known.TryGet("token-19999", Now, out _, out _));
    }

    [Fact]
    public async Task A_token_is_known_by_all_of_its_characters()
    {
        _known.Add("header.payload.signature", Caller("orders"), await ProofAsync());

        Assert.True(_known.TryGet("header.payload.signature", Now, out _, out _));
        foreach (var other in new[] { "header.payload.signatur", "header.payload.signature ", "Header.payload.signature", "" })
            Assert.False(_known.TryGet(other, Now, out _, out _));
    }

    private async Task<SignedToken> ProofAsync()
    {
        var options = new IssuerOptions
        {
            Issuer = _issuer.Issuer,
            Audience = _issuer.Audience,
            Keys = new KeySource.File(_issuer.WriteJwks(_directory.File("jwks.json"))),
        };
        var issuers = new TrustedIssuers([options], TimeProvider.System, NullLogger<TrustedIssuers>.Instance);
        return (await issuers.VerifyAsync(_issuer.Token(), CancellationToken.None)).Token!;
    }

    private static Caller Caller(string name) => new(new Workload("https://issuer", "shop", name), Now + TimeSpan.FromHours(1));
}
