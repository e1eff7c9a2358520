using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using SidecarAgent.Webhook.Injection;

namespace SidecarAgent.Webhook.Kubernetes;

/// <summary>
/// The few calls to the API server that the webhook makes, as JSON trees, so that fields nobody here knows survive
/// (docs/adr/0009). Everything that can go wrong is an <see cref="ApiException"/>.
/// </summary>
internal sealed class ApiClient : IDisposable
{
    public const string JsonPatch = "application/json-patch+json";
    private const string Json = "application/json";
    private const int MaxAnswerBytes = 8 * 1024 * 1024;
    private const int MaxTokenBytes = 64 * 1024;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private readonly ClusterAccess _access;
    private readonly TimeProvider _time;
    private readonly HttpClient _http;
    private long _aheadTicks;

    public ApiClient(ClusterAccess access, TimeProvider time)
    {
        _access = access;
        _time = time;
        _http = new HttpClient(new SocketsHttpHandler
        {
            SslOptions = ApiTrust.From(access.CaFile),
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ConnectTimeout = TimeSpan.FromSeconds(5),
            // The authorities and the address behind the service change in time.
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        })
        {
            BaseAddress = access.Address,
            Timeout = System.Threading.Timeout.InfiniteTimeSpan,
        };
    }

    /// <summary>
    /// The time by the API server's clock, as its last answer told it: that clock decides whether a certificate is valid.
    /// By this machine's until there was an answer.
    /// </summary>
    public DateTimeOffset Now => _time.GetUtcNow() + new TimeSpan(Volatile.Read(ref _aheadTicks));

    /// <returns>Null if there is no such object.</returns>
    public async Task<JsonObject?> FindAsync(string path, CancellationToken cancellation)
    {
        try
        {
            return await SendAsync(HttpMethod.Get, path, body: null, Json, cancellation);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return null;
        }
    }

    /// <param name="accept">The form of the answer, such as metadata alone.</param>
    public Task<JsonObject> ListAsync(string path, string accept, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Get, path, body: null, accept, cancellation);

    public Task<JsonObject> CreateAsync(string path, JsonObject body, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Post, path, Content(body, Json), Json, cancellation);

    /// <summary>A conflict if the object's resourceVersion is not the one in <paramref name="body"/>.</summary>
    public Task<JsonObject> ReplaceAsync(string path, JsonObject body, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Put, path, Content(body, Json), Json, cancellation);

    /// <param name="patch">RFC 6902.</param>
    public Task<JsonObject> PatchAsync(string path, JsonArray patch, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Patch, path, Content(patch, JsonPatch), Json, cancellation);

    public void Dispose() => _http.Dispose();

    private static StringContent Content(JsonNode body, string type) => new(body.ToJsonString(), new MediaTypeHeaderValue(type));

    private async Task<JsonObject> SendAsync(
        HttpMethod method, string path, HttpContent? body, string accept, CancellationToken cancellation)
    {
        using var timeout = new CancellationTokenSource(Timeout, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timeout.Token);
        using var request = new HttpRequestMessage(method, path) { Content = body };
        request.Headers.TryAddWithoutValidation("Accept", accept);
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("sidecar-webhook", null));
        try
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await TokenAsync(both.Token));
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, both.Token);
            if (response.Headers.Date is { } theirs)
                Volatile.Write(ref _aheadTicks, (theirs - _time.GetUtcNow()).Ticks);
            var answer = await ReadAsync(response.Content, both.Token);
            if (response.IsSuccessStatusCode)
                return JsonNode.Parse(answer) as JsonObject ?? throw new ApiException(response.StatusCode, Said("something that is no object"));
            throw new ApiException(response.StatusCode, Said($"{(int)response.StatusCode} {Reason(response.StatusCode, answer)}"));
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new ApiException(null, $"the API server did not answer {method} /{path} within {Timeout.TotalSeconds:0} s", e);
        }
        catch (JsonException e)
        {
            throw new ApiException(null, Said("something that is not JSON"), e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new ApiException(null, $"the API server cannot be reached at {_access.Address.Authority}: {Foreign.Plain(Innermost(e).Message, 200)}", e);
        }

        string Said(string what) => $"the API server answered {method} /{path.Split('?')[0]} with {what}";
    }

    private async Task<string> TokenAsync(CancellationToken cancellation)
    {
        var token = await File.ReadAllBytesAsync(_access.TokenFile, cancellation);
        if (token.Length is 0 or > MaxTokenBytes || Array.Exists(token, b => b >= 0x7f))
            throw new InvalidDataException($"{_access.TokenFile} holds no token");
        return System.Text.Encoding.ASCII.GetString(token).Trim();
    }

    private static async Task<byte[]> ReadAsync(HttpContent content, CancellationToken cancellation)
    {
        await using var stream = await content.ReadAsStreamAsync(cancellation);
        using var buffer = new MemoryStream((int)Math.Clamp(content.Headers.ContentLength ?? 0, 0, MaxAnswerBytes));
        var piece = new byte[16 * 1024];
        for (int read; (read = await stream.ReadAsync(piece, cancellation)) > 0;)
        {
            if (buffer.Length + read > MaxAnswerBytes)
                throw new ApiException(null, $"the API server's answer has over {MaxAnswerBytes} bytes") { IsTooLarge = true };
            buffer.Write(piece, 0, read);
        }

        return buffer.ToArray();
    }

    /// <summary>What the API server's Status object says, which names the verb and the resource that RBAC lacks.</summary>
    private static string Reason(HttpStatusCode status, byte[] answer)
    {
        try
        {
            if (JsonNode.Parse(answer) is JsonObject said && ApiTree.Text(said, "message") is { } message)
                return Foreign.Plain(message, 300);
        }
        catch (JsonException)
        {
            // A proxy's page, or nothing: the status alone has to do.
        }

        return status.ToString();
    }

    private static Exception Innermost(Exception e) => e.InnerException is { } inner ? Innermost(inner) : e;
}
