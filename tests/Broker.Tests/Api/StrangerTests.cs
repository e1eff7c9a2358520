using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Reflection.V1Alpha;
using SidecarAgent.Broker.Api;
using SidecarAgent.Broker.Limits;
using SidecarAgent.V1;

namespace SidecarAgent.Broker.Tests.Api;

/// <summary>What somebody who has proved nothing can make the broker do: next to nothing.</summary>
public sealed class StrangerTests : IAsyncLifetime
{
    private const string Fetch = "/sidecaragent.v1.SecretBroker/Fetch";
    private const string PutSecret = "/sidecaragent.v1.BrokerAdmin/PutSecret";

    private RunningBroker _broker = null!;

    public async Task InitializeAsync() => _broker = await RunningBroker.StartAsync();

    public async Task DisposeAsync() => await _broker.DisposeAsync();

    [Theory]
    [InlineData(Fetch, "nobody", StatusCode.Unauthenticated)]
    [InlineData(Fetch, "forger", StatusCode.Unauthenticated)]
    [InlineData(PutSecret, "nobody", StatusCode.Unauthenticated)]
    [InlineData(PutSecret, "workload", StatusCode.PermissionDenied)]
    public async Task The_request_of_somebody_who_has_proved_nothing_is_answered_before_it_is_there(
        string method, string who, StatusCode expected)
    {
        var token = who switch
        {
            "workload" => _broker.Issuer.Token(),
            "forger" => _broker.Issuer.Token()[..^8] + "AAAAAAAA",
            _ => null,
        };
        using var http = new HttpClient(new SocketsHttpHandler { SslOptions = _broker.SslOptions() });
        using var request = new UnfinishedRequest(new Uri(_broker.Address, method), token);

        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(((int)expected).ToString(System.Globalization.CultureInfo.InvariantCulture), response.Headers.GetValues("grpc-status").Single());
    }

    [Fact]
    public async Task A_pod_has_begun_only_so_many_requests_that_are_not_whole_yet()
    {
        await _broker.Admin.PutSecretAsync(Requests.Put("kv/shop/db", ("password", "one")));
        var token = _broker.Issuer.Token(pod: "orders-1");
        // Over one connection there are a hundred at most.
        using var http = new HttpClient(new SocketsHttpHandler
        {
            SslOptions = _broker.SslOptions(),
            EnableMultipleHttp2Connections = true,
        });
        const int tooMany = 5;
        var begun = Enumerable.Range(0, UnreadRequests.Most + tooMany)
            .Select(_ => new UnfinishedRequest(new Uri(_broker.Address, Fetch), token)).ToList();
        var answers = begun.Select(request => http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead)).ToList();

        // The last ones are answered, whatever comes of them; the others wait for the rest.
        await Waiting.UntilAsync(() => Task.FromResult(answers.Count(answer => answer.IsCompleted) == tooMany));
        var refused = await Assert.ThrowsAsync<RpcException>(
            () => _broker.Client(token).FetchAsync(Requests.Fetch("kv/shop/db")).ResponseAsync);
        var other = await _broker.Client(_broker.Issuer.Token(pod: "orders-2")).FetchAsync(Requests.Fetch("kv/shop/db"));

        Assert.Equal((StatusCode.ResourceExhausted, "TOO_MANY_REQUESTS"), (refused.StatusCode, refused.Reason()));
        Assert.Contains("not whole", refused.Status.Detail, StringComparison.Ordinal);
        Assert.NotNull(refused.RetryDelay());
        Assert.Equal("one", other.Updates.Single().Issued.Text());
        begun.ForEach(request => request.Dispose());
        await Task.WhenAll(answers).WaitAsync(TimeSpan.FromSeconds(30));
        await Waiting.UntilAsync(async () => await IsServedAsync(token));
    }

    [Fact]
    public async Task A_watch_whose_request_is_whole_is_none_that_was_only_begun()
    {
        await using var broker = await RunningBroker.StartAsync(configuration: $"limits: {{ watches: {UnreadRequests.Most + 2} }}");
        await broker.Admin.PutSecretAsync(Requests.Put("kv/shop/db", ("password", "one")));
        var client = broker.Client();
        var watches = new List<AsyncServerStreamingCall<WatchResponse>>();
        for (var i = 0; i < UnreadRequests.Most; i++)
        {
            watches.Add(client.Watch(Requests.Watch("kv/shop/db")));
            Assert.True(await watches[^1].ResponseStream.MoveNext());
        }

        // Over another connection: on one there can be a hundred calls.
        var one = await broker.Client().FetchAsync(Requests.Fetch("kv/shop/db"));

        Assert.Equal("one", one.Updates.Single().Issued.Text());
        watches.ForEach(watch => watch.Dispose());
    }

    [Fact]
    public async Task Calls_that_need_no_proof_are_open_in_a_limited_number()
    {
        await _broker.Admin.PutSecretAsync(Requests.Put("kv/shop/db", ("password", "one")));
        var open = new List<AsyncServerStreamingCall<HealthCheckResponse>>();
        // Over one connection there can be a hundred.
        var channels = Enumerable.Range(0, 4).Select(_ => _broker.TlsChannel()).ToList();
        for (var i = 0; i < Strangers.MostOpen; i++)
        {
            open.Add(new Health.HealthClient(channels[i % 3]).Watch(new HealthCheckRequest()));
            Assert.True(await open[^1].ResponseStream.MoveNext());
        }

        var refused = await Assert.ThrowsAsync<RpcException>(
            () => new Health.HealthClient(channels[3]).CheckAsync(new HealthCheckRequest()).ResponseAsync);
        var given = await _broker.Client().FetchAsync(Requests.Fetch("kv/shop/db"));
        await new Health.HealthClient(_broker.SocketChannel()).CheckAsync(new HealthCheckRequest());

        Assert.Equal(StatusCode.Unavailable, refused.StatusCode);
        Assert.Equal("one", given.Updates.Single().Issued.Text());
        open.ForEach(call => call.Dispose());
        await Waiting.UntilAsync(async () =>
        {
            try
            {
                return (await new Health.HealthClient(channels[3]).CheckAsync(new HealthCheckRequest())).Status
                    == HealthCheckResponse.Types.ServingStatus.Serving;
            }
            catch (RpcException)
            {
                // Not all of them are gone yet.
                return false;
            }
        });
    }

    [Fact]
    public async Task Messages_that_need_no_proof_are_small()
    {
        var large = new string('x', 2 * Strangers.MaxMessage);
        using var reflection = new ServerReflection.ServerReflectionClient(_broker.TlsChannel()).ServerReflectionInfo();
        await reflection.RequestStream.WriteAsync(new ServerReflectionRequest { FileByFilename = large });

        var reflected = await Assert.ThrowsAsync<RpcException>(() => reflection.ResponseStream.MoveNext());
        await Assert.ThrowsAsync<RpcException>(
            () => new Health.HealthClient(_broker.TlsChannel()).CheckAsync(new HealthCheckRequest { Service = large }).ResponseAsync);

        Assert.Equal(StatusCode.ResourceExhausted, reflected.StatusCode);
    }

    [Fact]
    public async Task A_packed_request_is_refused_before_it_is_unpacked()
    {
        var packed = new Metadata { { "grpc-internal-encoding-request", "gzip" } };

        var refused = await Assert.ThrowsAsync<RpcException>(
            () => _broker.Client().FetchAsync(Requests.Fetch("kv/shop/db"), packed).ResponseAsync);

        Assert.Equal(StatusCode.Unimplemented, refused.StatusCode);
        Assert.Contains("gzip", refused.Status.Detail, StringComparison.Ordinal);
    }

    private async Task<bool> IsServedAsync(string token)
    {
        try
        {
            await _broker.Client(token).FetchAsync(Requests.Fetch("kv/shop/db"));
            return true;
        }
        catch (RpcException)
        {
            // Not all of those that were begun are over yet.
            return false;
        }
    }
}
