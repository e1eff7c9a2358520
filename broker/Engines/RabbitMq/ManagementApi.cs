using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using SidecarAgent.Broker.Engines.Accounts;
using SidecarAgent.Broker.Identity;

namespace SidecarAgent.Broker.Engines.RabbitMq;

/// <summary>RabbitMQ's HTTP API, as the broker's own account.</summary>
internal sealed class ManagementApi : IDisposable
{
    private const int LongestAnswer = 256 * 1024;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    private readonly AccountConnection _to;
    private readonly HttpClient _client;

    /// <param name="to">Its host; who the broker is.</param>
    /// <param name="port">Of the API.</param>
    public ManagementApi(AccountConnection to, int port)
    {
        _to = to;
        var sockets = new SocketsHttpHandler
        {
            MaxConnectionsPerServer = to.Connections,
            ConnectTimeout = to.Timeout,
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
        };
        if (to.CaFile is { } file)
        {
            sockets.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
                certificate is not null && ServerTrust.IsTrusted(file, certificate, errors);
        }

        _client = new HttpClient(sockets)
        {
            BaseAddress = new UriBuilder(to.Tls ? "https" : "http", to.Host, port, "/api/").Uri,
            Timeout = to.Timeout,
            MaxResponseContentBufferSize = LongestAnswer,
        };
    }

    /// <param name="method">Of HTTP.</param>
    /// <param name="path">Below <c>/api/</c>, its parts escaped.</param>
    /// <param name="body">Sent as JSON; null: none.</param>
    /// <param name="doing">For messages: what is tried.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What it answers; null: there is no such thing (404).</returns>
    public async Task<JsonNode?> AskAsync(
        HttpMethod method, string path, JsonNode? body, string doing, CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(method, path);
            var login = $"{_to.User}:{AdminPassword.Read(_to.PasswordFile)}";
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(login)));
            if (body is not null)
                request.Content = JsonContent.Create(body);
            using var response = await _client.SendAsync(request, cancellationToken);
            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            if (response.StatusCode == HttpStatusCode.NotFound)
                return null;
            if (!response.IsSuccessStatusCode)
                throw Failed(doing, response.StatusCode, text);
            return text.StartsWith('{') ? JsonNode.Parse(text, documentOptions: Strict) : new JsonObject();
        }
        // InvalidOperationException: it names a charset that nobody knows.
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException or InvalidOperationException
            || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new AccountServerUnreachableException($"RabbitMQ at {_to.Where} did not {doing}: {ForeignText.Clean(e.GetBaseException().Message)}", e);
        }
    }

    public void Dispose() => _client.Dispose();

    private AccountServerException Failed(string doing, HttpStatusCode status, string text)
    {
        var message = $"RabbitMQ at {_to.Where} did not {doing}: {(int)status} {ForeignText.Clean(text)}";
        return (int)status >= 500 || status is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout
            ? new AccountServerUnreachableException(message)
            : new AccountServerRefusedException(message);
    }
}
