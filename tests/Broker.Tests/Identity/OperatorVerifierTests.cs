using Microsoft.Extensions.Logging.Abstractions;
using SidecarAgent.Broker.Configuration;
using SidecarAgent.Broker.Identity;
using SidecarAgent.Testing;

namespace SidecarAgent.Broker.Tests.Identity;

public sealed class OperatorVerifierTests : IDisposable
{
    private const string Admin = "system:serviceaccount:ops:admin";

    private readonly TempDirectory _directory = TempDirectory.Create();
    private readonly TokenIssuer _clusterA = new("https://cluster-a");
    private readonly TokenIssuer _clusterB = new("https://cluster-b");
    private readonly OperatorVerifier _verifier;

    public OperatorVerifierTests()
    {
        var issuers = new TrustedIssuers(
            [.. new[] { _clusterA, _clusterB }.Select((issuer, i) => new IssuerOptions
            {
                Issuer = issuer.Issuer,
                Audience = issuer.Audience,
                Keys = new KeySource.File(issuer.WriteJwks(_directory.File($"{i}.json"))),
            })],
            TimeProvider.System,
            NullLogger<TrustedIssuers>.Instance);
        _verifier = new OperatorVerifier(issuers, [new AdminSubject("https://cluster-a", Admin)]);
    }

    public void Dispose()
    {
        _clusterA.Dispose();
        _clusterB.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task A_listed_subject_is_an_operator_under_its_name() =>
        Assert.Equal(new OperatorResult.Verified(new Operator(Admin)), await VerifyAsync(_clusterA.Token("ops", "admin")));

    [Fact]
    public async Task An_operator_need_not_be_a_workload() =>
        Assert.IsType<OperatorResult.Verified>(await VerifyAsync(_clusterA.Token(change: payload =>
        {
            payload["sub"] = Admin;
            payload.Remove("kubernetes.io");
        })));

    [Fact]
    public async Task Everybody_else_is_none()
    {
        var result = Assert.IsType<OperatorResult.NotAnAdmin>(await VerifyAsync(_clusterA.Token("ops", "intern")));

        Assert.Equal("'system:serviceaccount:ops:intern' is not listed under 'admins'", result.Message);
    }

    [Fact]
    public async Task The_same_subject_of_another_issuer_is_somebody_else() =>
        Assert.IsType<OperatorResult.NotAnAdmin>(await VerifyAsync(_clusterB.Token("ops", "admin")));

    [Fact]
    public async Task A_token_that_proves_nothing_is_refused_for_its_reason()
    {
        Assert.Equal(
            TokenRejection.Missing, Assert.IsType<OperatorResult.Rejected>(await VerifyAsync(null)).Reason);
        Assert.Equal(
            TokenRejection.Expired,
            Assert.IsType<OperatorResult.Rejected>(
                await VerifyAsync(_clusterA.Token("ops", "admin", lifetime: TimeSpan.FromMinutes(-1)))).Reason);
    }

    private ValueTask<OperatorResult> VerifyAsync(string? token) => _verifier.VerifyAsync(token, CancellationToken.None);
}
