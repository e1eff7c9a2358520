using System.Net;
using System.Text;
using SidecarAgent.Webhook.Tests.Kit;

namespace SidecarAgent.Webhook.Tests.Admission;

/// <summary>What is no review is refused with the right status and one sentence.</summary>
public sealed class BadRequestTests : IAsyncLifetime
{
    private RunningWebhook _webhook = null!;

    public async Task InitializeAsync() => _webhook = await RunningWebhook.StartAsync();

    public async Task DisposeAsync() => await _webhook.DisposeAsync();

    [Theory]
    [InlineData("", "the body is empty; expected an AdmissionReview")]
    [InlineData("hello", "the body is not JSON that can be used: ")]
    [InlineData("[]", "the body is JSON, but not an object; expected an AdmissionReview")]
    [InlineData("null", "the body is JSON, but not an object; expected an AdmissionReview")]
    [InlineData("{}", "expected kind AdmissionReview, got none")]
    [InlineData("""{"kind":1}""", "expected kind AdmissionReview, got something that is not a string")]
    [InlineData("""{"kind":"Pod","apiVersion":"v1"}""", "expected kind AdmissionReview, got 'Pod'")]
    [InlineData("""{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1beta1","request":{"uid":"1"}}""",
        "expected apiVersion admission.k8s.io/v1, got 'admission.k8s.io/v1beta1'")]
    [InlineData("""{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1"}""", "the AdmissionReview has no request")]
    [InlineData("""{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{}}""", "the request needs a uid of 1 to 256 characters")]
    [InlineData("""{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":7}}""", "the request needs a uid")]
    [InlineData("""{"kind":"AdmissionReview","kind":"AdmissionReview"}""", "the body is not JSON that can be used: Duplicate")]
    [InlineData("""{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"1","object":{"a":{"b":1,"b":2}}}}""",
        "the body is not JSON that can be used: Duplicate")]
    [InlineData("""{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"1","object":{"a":"\ud800"}}}""",
        "the body is not valid UTF-8 text")]
    [InlineData("""{"kind":"AdmissionReview","request":{"\uDC00":1}}""", "the body is not valid UTF-8 text")]
    [InlineData("""{"kind":"AdmissionReview",}""", "the body is not JSON that can be used: ")]
    [InlineData("""{"kind":"AdmissionReview"} {}""", "the body is not JSON that can be used: ")]
    public async Task What_is_no_review_is_a_400_with_one_sentence(string body, string problem)
    {
        using var response = await _webhook.PostAsync(body);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var text = await response.Content.ReadAsStringAsync();
        Assert.StartsWith(problem, text, StringComparison.Ordinal);
        Assert.Equal(1, text.Count(c => c == '\n'));
    }

    [Fact]
    public async Task A_review_that_ends_in_the_middle_is_a_400()
    {
        var review = Reviews.Recorded("minimal").ToJsonString();

        foreach (var length in Enumerable.Range(1, 50).Select(i => review.Length * i / 51))
        {
            using var response = await _webhook.PostAsync(review[..length]);
            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        }
    }

    [Fact]
    public async Task Deep_nesting_is_a_400()
    {
        foreach (var depth in new[] { 65, 10_000, 1_000_000 })
        {
            using var response = await _webhook.PostAsync("{\"kind\":" + new string('[', depth) + new string(']', depth) + "}");
            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        }
    }

    [Fact]
    public async Task Bytes_that_are_no_UTF_8_are_a_400()
    {
        byte[] body = [.. Encoding.UTF8.GetBytes("""{"kind":"AdmissionReview","apiVersion":"""), (byte)'"', 0xC3, 0x28, (byte)'"', (byte)'}'];

        using var response = await _webhook.PostAsync(body);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("the body is not valid UTF-8 text\n", await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData(null)]
    public async Task Another_content_type_is_a_415(string? contentType)
    {
        using var response = await _webhook.PostAsync("{}"u8.ToArray(), contentType);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
        Assert.Equal($"expected Content-Type application/json, got '{contentType}'\n", await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("GET")]
    [InlineData("PUT")]
    [InlineData("DELETE")]
    public async Task Another_method_is_a_405(string method)
    {
        using var response = await _webhook.SendAsync(new HttpRequestMessage(new HttpMethod(method), new Uri(_webhook.Reviews, "/mutate")));

        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
    }

    [Fact]
    public async Task Another_path_is_a_404()
    {
        using var response = await _webhook.GetAsync(_webhook.Reviews, "/validate");

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Theory]
    [InlineData(10 * 1024 * 1024, false)]
    [InlineData(7 * 1024 * 1024, false)]
    [InlineData(7 * 1024 * 1024, true)]
    [InlineData((3 * 1024 * 1024) + 1, false)]
    [InlineData((3 * 1024 * 1024) + 1, true)]
    public async Task A_body_over_3_MiB_is_a_413_that_says_so(int length, bool chunked)
    {
        var body = new byte[length];
        Array.Fill(body, (byte)' ');
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_webhook.Reviews, "/mutate"))
        {
            Content = chunked ? new StreamContent(new NonSeekable(body)) : new ByteArrayContent(body),
        };
        request.Content.Headers.ContentType = new("application/json");
        // The client waits for leave to send, so that it reads the answer instead of failing to write.
        request.Headers.ExpectContinue = !chunked;

        using var response = await _webhook.SendAsync(request);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.StartsWith("the body is larger than 3145728 bytes", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_of_3_MiB_is_read()
    {
        var body = new byte[3 * 1024 * 1024];
        Array.Fill(body, (byte)' ');
        "{}"u8.CopyTo(body);

        using var response = await _webhook.PostAsync(body);

        Assert.Equal("expected kind AdmissionReview, got none\n", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_client_that_goes_away_in_the_middle_of_a_body_does_no_harm()
    {
        var stream = await _webhook.ConnectAsync();
        await stream.WriteAsync("POST /mutate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"u8.ToArray());
        await stream.DisposeAsync();

        var response = await _webhook.ReviewAsync(Reviews.Of(The.Pod()));

        Assert.True((bool)response["allowed"]!);
    }

    private sealed class NonSeekable(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
