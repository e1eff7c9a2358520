using System.Net.Security;
using System.Security.Authentication;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using SidecarAgent.Webhook.Admission;
using SidecarAgent.Webhook.Configuration;
using SidecarAgent.Webhook.Tls;

namespace SidecarAgent.Webhook;

/// <summary>
/// The two listeners and their limits. Each has connections of its own, so that whoever takes all of one cannot keep the
/// kubelet and Prometheus from the other. HTTP/1.1 only: it is what API servers speak to webhooks (kubernetes#75791), and
/// it has no streams of which one connection could open many.
/// </summary>
internal static class Listeners
{
    /// <summary>Each may hold <see cref="RequestBody.SmallBytes"/> of a body.</summary>
    private const int MostReviewConnections = 500;

    private const int MostMetricsConnections = 50;

    public static void Configure(KestrelServerOptions kestrel, WebhookOptions options, ServerCertificate certificate)
    {
        kestrel.AddServerHeader = false;
        // MutateEndpoint counts for itself, so that it can say what was too much; this holds off what never gets there.
        kestrel.Limits.MaxRequestBodySize = 2 * MutateEndpoint.MaxBodyBytes;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(5);
        // The API server is near and sends at once: whoever trickles is cut off before it piles up.
        kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 16 * 1024, gracePeriod: TimeSpan.FromSeconds(2));
        kestrel.Listen(options.Listen, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            Limit(listen, MostReviewConnections);
            listen.UseHttps(new TlsHandshakeCallbackOptions
            {
                HandshakeTimeout = TimeSpan.FromSeconds(5),
                OnConnection = _ => ValueTask.FromResult(new SslServerAuthenticationOptions
                {
                    ServerCertificateContext = certificate.Context,
                    EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                }),
            });
        });
        kestrel.Listen(options.MetricsListen, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            Limit(listen, MostMetricsConnections);
        });
    }

    /// <summary>Before TLS, which is what a connection costs most in.</summary>
    private static void Limit(ListenOptions listen, int most)
    {
        var open = 0;
        listen.Use(next => async connection =>
        {
            try
            {
                if (Interlocked.Increment(ref open) <= most)
                    await next(connection);
                else
                    connection.Abort(new ConnectionAbortedException($"{most} connections are open already"));
            }
            finally
            {
                Interlocked.Decrement(ref open);
            }
        });
    }
}
