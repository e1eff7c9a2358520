using System.Net;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using SidecarAgent.Broker.Tls;
using SidecarAgent.Testing;

namespace SidecarAgent.Broker.Tests.Tls;

/// <summary>As much of an API server as a server-side apply of a ConfigMap needs.</summary>
internal sealed class ConfigMapServer : IAsyncDisposable
{
    private readonly TempDirectory _directory = TempDirectory.Create();
    private readonly TestCertificates _certificates;
    private readonly Channel<(string Path, string? Token, JsonNode Body)> _applied =
        Channel.CreateUnbounded<(string, string?, JsonNode)>();

    private WebApplication? _application;

    private ConfigMapServer()
    {
        _certificates = new TestCertificates(_directory.FullName);
        _directory.Write("token", "the token\n");
        _directory.Write("namespace", "sidecar-agent");
    }

    /// <summary>What was asked for, in turn.</summary>
    public ChannelReader<(string Path, string? Token, JsonNode Body)> Applied => _applied.Reader;

    /// <summary>What it answers from now on.</summary>
    public HttpStatusCode Status { get; set; } = HttpStatusCode.OK;

    public ClusterAccess Access { get; private set; } = null!;

    public static async Task<ConfigMapServer> StartAsync()
    {
        var server = new ConfigMapServer();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(server._certificates.Server)));
        server._application = builder.Build();
        server._application.Run(server.AnswerAsync);
        await server._application.StartAsync();
        server.Access = new ClusterAccess(new Uri(server._application.Urls.Single()), server._directory.FullName);
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        await _application!.DisposeAsync();
        _certificates.Dispose();
        _directory.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        Assert.Equal("PATCH", context.Request.Method);
        Assert.Equal("application/apply-patch+yaml; charset=utf-8", context.Request.ContentType);
        var body = await JsonNode.ParseAsync(context.Request.Body);
        context.Response.StatusCode = (int)Status;
        await context.Response.WriteAsync("because\n\u001b[31m");
        _applied.Writer.TryWrite((context.Request.Path + context.Request.QueryString, context.Request.Headers.Authorization, body!));
    }
}
