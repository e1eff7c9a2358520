using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using SidecarAgent.Testing;

namespace SidecarAgent.Broker.Tests.Identity;

/// <summary>An issuer's HTTPS server, on a free port of loopback. Each path has the answer that a test gives it.</summary>
internal sealed class IssuerServer : IAsyncDisposable
{
    public const string DiscoveryPath = "/.well-known/openid-configuration";

    private readonly WebApplication _server;

    private IssuerServer(WebApplication server) => _server = server;

    /// <summary>What is asked for. A path that is not here is answered 404.</summary>
    public Dictionary<string, RequestDelegate> Answers { get; } = [];

    /// <summary>The server's address, and the issuer's name.</summary>
    public string Address { get; private set; } = "";

    /// <summary>The authorization header of the last request.</summary>
    public string? LastAuthorization { get; private set; }

    public static async Task<IssuerServer> StartAsync(TestCertificates certificates, int port = 0)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(options => options.Listen(
            IPAddress.Loopback, port, listen => listen.UseHttps(certificates.Server)));
        var server = new IssuerServer(builder.Build());
        server._server.Run(context =>
        {
            server.LastAuthorization = context.Request.Headers.Authorization;
            if (server.Answers.TryGetValue(context.Request.Path, out var answer))
                return answer(context);
            context.Response.StatusCode = 404;
            return Task.CompletedTask;
        });
        await server._server.StartAsync();
        server.Address = server._server.Urls.Single();
        return server;
    }

    public void Answer(string path, string text) => Answers[path] = context => context.Response.WriteAsync(text);

    /// <summary>Answers as an OpenID Connect issuer does.</summary>
    public void AnswerDiscovery(string jwks, string? issuer = null, string? keysAddress = null)
    {
        Answer(DiscoveryPath, $$"""{"issuer":"{{issuer ?? Address}}","jwks_uri":"{{keysAddress ?? $"{Address}/keys"}}"}""");
        Answer("/keys", jwks);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
