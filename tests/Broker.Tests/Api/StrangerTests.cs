using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Reflection.V1Alpha;
using SidecarAgent.Broker.Api;

namespace SidecarAgent.Broker.Tests.Api;

/// <summary>What somebody who has proved nothing can make the broker do: next to nothing.</summary>
public sealed class StrangerTests : IAsyncLifetime
{
    private const string Fetch = "/sidecaragent.v1.SecretBroker/Fetch";
    private const string PutSecret = "/sidecaragent.v1.BrokerAdmin/PutSecret";

    private readonly TaskCompletionSource _rest = new();
    private RunningBroker _broker = null!;

    public async Task InitializeAsync() => _broker = await RunningBroker.StartAsync();

    public async Task DisposeAsync()
    {
        _rest.TrySetResult();
        await _broker.DisposeAsync();
    }

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
        using var request = Request(method, token);

        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(((int)expected).ToString(System.Globalization.CultureInfo.InvariantCulture), response.Headers.GetValues("grpc-status").Single());
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

    private HttpRequestMessage Request(string method, string? token)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_broker.Address, method))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new Unfinished(_rest.Task),
        };
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return request;
    }

    /// <summary>The beginning of a message of almost 1 MiB.</summary>
    private sealed class Unfinished : HttpContent
    {
        private readonly Task _rest;

        public Unfinished(Task rest)
        {
            _rest = rest;
            Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            var begin = new byte[100_000];
            BinaryPrimitives.WriteInt32BigEndian(begin.AsSpan(1), 1_000_000);
            await stream.WriteAsync(begin);
            await stream.FlushAsync();
            await _rest;
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
