using System.Text;
using SidecarAgent.Agent.Telemetry;

namespace SidecarAgent.Agent.Tests.Telemetry;

public class StatusRequestTests
{
    [Theory]
    [InlineData("GET /metrics HTTP/1.1\r\nHost: pod\r\n\r\n", "/metrics", null)]
    [InlineData("GET /readyz?verbose=1 HTTP/1.0\r\n\r\n", "/readyz", null)]
    [InlineData("GET / HTTP/1.1\r\nHost: pod\r\nACCEPT: text/plain;version=0.0.4 \r\nAccept: other\r\n\r\n", "/", "text/plain;version=0.0.4")]
    [InlineData("GET /%2e%2e/\u00e9 HTTP/1.1\r\nX-Accept: no\r\n\r\n", "/%2e%2e/\u00e9", null)]
    public void Path_and_wanted_form_are_taken_from_the_head(string head, string path, string? accept) =>
        Assert.Equal((new StatusRequest(path, accept), 200), Parse(head));

    [Theory]
    [InlineData("POST /metrics HTTP/1.1\r\n\r\n", 405)]
    [InlineData("get /metrics HTTP/1.1\r\n\r\n", 405)]
    [InlineData("GET http://pod/metrics HTTP/1.1\r\n\r\n", 400)]
    [InlineData("GET metrics HTTP/1.1\r\n\r\n", 400)]
    [InlineData("GET /metrics HTTP/2.0\r\n\r\n", 400)]
    [InlineData("GET  /metrics HTTP/1.1\r\n\r\n", 400)]
    [InlineData("GET /metrics\r\n\r\n", 400)]
    [InlineData("PRI * HTTP/2.0\r\n\r\n", 400)]
    [InlineData("\r\n\r\n", 400)]
    [InlineData("\u0016\u0003\u0001\u0000 \u0000 \r\n\r\n", 400)]
    public void What_is_no_plain_GET_is_refused(string head, int problem) => Assert.Equal((null, problem), Parse(head));

    [Theory]
    [InlineData("", null)]
    [InlineData("GET / HTTP/1.1\r\nHost: pod\r\n", null)]
    [InlineData("GET / HTTP/1.1\n\n", null)]
    [InlineData("GET / HTTP/1.1\r\n\r\n", 18)]
    [InlineData("GET / HTTP/1.1\r\n\r\nGET /next HTTP/1.1\r\n\r\n", 18)]
    public void A_head_ends_with_its_first_empty_line(string received, int? length) =>
        Assert.Equal(length, StatusRequest.HeadLength(Encoding.Latin1.GetBytes(received)));

    private static (StatusRequest? Request, int Problem) Parse(string head) => StatusRequest.Parse(Encoding.Latin1.GetBytes(head));
}
