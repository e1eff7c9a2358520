using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using SidecarAgent.Broker.Configuration;

namespace SidecarAgent.Broker.Identity;

/// <summary>
/// Asks a cluster's API server about tokens that its issuer has signed (authentication.k8s.io/v1, TokenReview): a pod that
/// was deleted leaves a token behind that is good until it expires, and only the API server knows. What it said counts
/// for a few seconds, so that it is asked once per pod and not once per call.
/// </summary>
internal sealed class TokenReviews(IssuerOptions issuer, TimeProvider clock)
{
    private const int MaxAnswer = 256 * 1024;
    private const int MostKept = 10_000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<string, (ReviewResult Result, DateTimeOffset Until)> _kept = new(StringComparer.Ordinal);

    /// <param name="token">Whose signature is good.</param>
    /// <param name="subject">Whom the API server must find in it, too.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<ReviewResult> AskAsync(string token, string subject, CancellationToken cancellationToken)
    {
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(token)));
        if (_kept.TryGetValue(digest, out var kept) && clock.GetUtcNow() < kept.Until)
            return kept.Result;

        var result = await PostAsync(token, subject, cancellationToken);
        if (_kept.Count >= MostKept)
            _kept.Clear();
        // An outage is remembered more shortly: long enough that thousands of callers do not wait for it one by one.
        var keep = result is ReviewResult.Unavailable ? TimeSpan.FromSeconds(1) : issuer.ReviewCache;
        _kept[digest] = (result, clock.GetUtcNow() + keep);
        return result;
    }

    private async Task<ReviewResult> PostAsync(string token, string subject, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(Patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            using var client = IssuerConnection.Open(issuer, MaxAnswer);
            using var content = new StringContent(Request(token), Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
            using var response = await client.PostAsync(Address(), content, either.Token);
            var text = await response.Content.ReadAsStringAsync(either.Token);
            return response.IsSuccessStatusCode
                ? Read(text, subject)
                : new ReviewResult.Unavailable($"the API server answered {(int)response.StatusCode} to the TokenReview");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new ReviewResult.Unavailable($"the API server did not answer within {Patience.TotalSeconds:0} s");
        }
        catch (Exception e) when (e is HttpRequestException or KeysUnavailableException or InvalidOperationException
            or IOException or UnauthorizedAccessException or CryptographicException)
        {
            return new ReviewResult.Unavailable(ForeignText.Clean((e.InnerException ?? e).Message));
        }
    }

    private Uri Address() => new(issuer.ApiServer, "/apis/authentication.k8s.io/v1/tokenreviews");

    private string Request(string token) => new JsonObject
    {
        ["apiVersion"] = "authentication.k8s.io/v1",
        ["kind"] = "TokenReview",
        ["spec"] = new JsonObject { ["token"] = token, ["audiences"] = new JsonArray(issuer.Audience) },
    }.ToJsonString();

    private ReviewResult Read(string text, string subject)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            var status = json.RootElement.GetProperty("status");
            if (!(status.TryGetProperty("authenticated", out var authenticated) && authenticated.ValueKind == JsonValueKind.True))
            {
                var said = status.TryGetProperty("error", out var error) ? error.GetString() : null;
                return new ReviewResult.Refused(ForeignText.Clean(said ?? "it is not valid"));
            }

            if (status.GetProperty("user").GetProperty("username").GetString() != subject)
                return new ReviewResult.Refused("it is another user's there");
            // A server that does not know audiences leaves them out, and has then not looked at them.
            return status.TryGetProperty("audiences", out var audiences)
                && audiences.EnumerateArray().Any(audience => audience.GetString() == issuer.Audience)
                    ? new ReviewResult.Good()
                    : new ReviewResult.Refused("it is for another audience there");
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return new ReviewResult.Unavailable("the API server's answer is not a TokenReview");
        }
    }
}
