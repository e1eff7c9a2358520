using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using SidecarAgent.Webhook.Kubernetes;
using SidecarAgent.Webhook.Tests.Kit;

namespace SidecarAgent.Webhook.Tests.Kubernetes;

public sealed class ApiClientTests : IAsyncLifetime, IDisposable
{
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private FakeApiServer _server = null!;
    private ApiClient _api = null!;

    public async Task InitializeAsync()
    {
        _server = await FakeApiServer.StartAsync(_time);
        _server.Put("api/v1/things/one", new JsonObject { ["size"] = 1 });
        _api = new ApiClient(_server.Access, _time);
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    public void Dispose() => _api.Dispose();

    [Fact]
    public async Task The_token_is_read_anew_for_each_call()
    {
        Assert.NotNull(await _api.FindAsync("api/v1/things/one", CancellationToken.None));
        _server.Token = "second-token";

        Assert.NotNull(await _api.FindAsync("api/v1/things/one", CancellationToken.None));
    }

    [Fact]
    public async Task A_token_that_is_not_accepted_or_may_not_is_said_with_the_API_servers_own_words()
    {
        _server.Fails = _ => 403;
        var forbidden = await Assert.ThrowsAsync<ApiException>(() => FindAsync());
        Assert.Equal("the API server answered GET /api/v1/things/one with 403 GET api/v1/things/one is forbidden: User "
            + "\"system:serviceaccount:sidecar-agent:sidecar-webhook\" cannot do it", forbidden.Message);

        await File.WriteAllTextAsync(_server.Access.TokenFile, "wrong");
        var unknown = await Assert.ThrowsAsync<ApiException>(() => FindAsync());
        Assert.Equal(HttpStatusCode.Unauthorized, unknown.Status);
        Assert.DoesNotContain("wrong", unknown.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_there_is_null() => Assert.Null(await _api.FindAsync("api/v1/things/two", CancellationToken.None));

    [Fact]
    public async Task An_API_server_of_an_unknown_authority_gets_no_token()
    {
        await File.WriteAllTextAsync(_server.CaFile, TestCertificate.Create().CertificatePem);
        using var stranger = new ApiClient(_server.Access, _time);

        var problem = await Assert.ThrowsAsync<ApiException>(() => stranger.FindAsync("api/v1/things/one", CancellationToken.None));

        Assert.StartsWith("the API server cannot be reached at 127.0.0.1:", problem.Message, StringComparison.Ordinal);
        Assert.Empty(_server.Requests);
    }

    [Fact]
    public async Task An_answer_that_does_not_come_is_waited_for_ten_seconds()
    {
        var asked = new TaskCompletionSource();
        var never = new TaskCompletionSource();
        _server.BeforeAsync = _ =>
        {
            asked.SetResult();
            return never.Task;
        };
        var call = FindAsync();
        await asked.Task;

        _time.Advance(TimeSpan.FromSeconds(10));

        var problem = await Assert.ThrowsAsync<ApiException>(() => call);
        Assert.Equal("the API server did not answer GET /api/v1/things/one within 10 s", problem.Message);
        never.SetResult();
    }

    [Fact]
    public async Task An_answer_without_end_is_cut_off()
    {
        _server.Put("api/v1/things/one", new JsonObject { ["text"] = new string('x', 9 * 1024 * 1024) });

        Assert.True((await Assert.ThrowsAsync<ApiException>(() => FindAsync())).IsTooLarge);
    }

    [Fact]
    public async Task A_token_file_that_is_gone_is_said()
    {
        File.Delete(_server.Access.TokenFile);

        var problem = await Assert.ThrowsAsync<ApiException>(() => FindAsync());

        Assert.Contains("token", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fd00::1", "443", "https://[fd00::1]/")]
    [InlineData("10.0.0.1", "6443", "https://10.0.0.1:6443/")]
    public void The_address_is_where_the_kubelet_says(string host, string port, string address)
    {
        var mount = Path.GetDirectoryName(_server.Access.TokenFile)!;

        var access = ClusterAccess.Find(name => name.EndsWith("HOST", StringComparison.Ordinal) ? host : port, mount);

        Assert.Equal((address, FakeApiServer.Namespace), ($"{access?.Address}", access?.Namespace));
    }

    [Fact]
    public void Outside_a_cluster_there_is_none() => Assert.Null(ClusterAccess.Find(_ => null, "/nowhere"));

    private Task<JsonObject?> FindAsync() => _api.FindAsync("api/v1/things/one", CancellationToken.None);
}
