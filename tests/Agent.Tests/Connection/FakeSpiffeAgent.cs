using System.Buffers.Text;
using System.Text;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SidecarAgent.Agent.Tests.FakeBroker;
using SidecarAgent.Spiffe;

namespace SidecarAgent.Agent.Tests.Connection;

/// <summary>A SPIFFE agent: the Workload API over real gRPC on a Unix socket, as proto/spiffe/workload.proto says.</summary>
internal sealed class FakeSpiffeAgent : SpiffeWorkloadAPI.SpiffeWorkloadAPIBase, IAsyncDisposable
{
    private readonly TimeProvider _time;
    private readonly WebApplication _web;
    private int _issued;

    private FakeSpiffeAgent(string socket, TimeProvider time)
    {
        _time = time;
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(socket, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc();
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(this);
        _web = builder.Build();
        _web.MapGrpcService<FakeSpiffeAgent>();
    }

    /// <summary>How long tokens live from now on.</summary>
    public TimeSpan Life { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>What it gives instead of a token; null: a token.</summary>
    public string? Instead { get; set; }

    /// <summary>Why it gives none; null: it gives one.</summary>
    public RpcException? Refusal { get; set; }

    /// <summary>Each request, with the audiences it named, in order.</summary>
    public Calls<IReadOnlyList<string>> Requests { get; } = new();

    public static async Task<FakeSpiffeAgent> StartAsync(string socket, TimeProvider time)
    {
        var agent = new FakeSpiffeAgent(socket, time);
        await agent._web.StartAsync();
        return agent;
    }

    /// <summary>The token that it issues as number so and so, if it issues that now.</summary>
    public static string Token(int number, DateTimeOffset issued, DateTimeOffset ends) => string.Join(
        '.',
        Encoded("""{ "alg": "ES256" }"""),
        Encoded($$"""{ "sub": "spiffe://example.org/orders", "number": {{number}}, "iat": {{issued.ToUnixTimeSeconds()}}, "exp": {{ends.ToUnixTimeSeconds()}} }"""),
        Encoded("signature"));

    public override Task<JWTSVIDResponse> FetchJWTSVID(JWTSVIDRequest request, ServerCallContext context)
    {
        // The specification: without this metadata the call is to be refused.
        if (context.RequestHeaders.GetValue("workload.spiffe.io") != "true")
            throw new RpcException(new Status(StatusCode.InvalidArgument, "security header missing from request"));
        Requests.Add([.. request.Audience]);
        if (Refusal is not null)
            throw Refusal;
        var now = _time.GetUtcNow();
        var token = Instead ?? Token(Interlocked.Increment(ref _issued), now, now + Life);
        return Task.FromResult(new JWTSVIDResponse
        {
            Svids =
            {
                new JWTSVID { SpiffeId = "spiffe://example.org/orders", Svid = token },
                new JWTSVID { SpiffeId = "spiffe://example.org/other", Svid = "another identity of the same workload", Hint = "other" },
            },
        });
    }

    public ValueTask DisposeAsync() => _web.DisposeAsync();

    private static string Encoded(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
}
