package votes

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// mockServer is `volttools mock` as a process of its own, told over HTTP what to answer.
type mockServer struct {
	Nodes []struct {
		Host string
		Port int
	}
	ControlURL string `json:"control_url"`
}

func startMock(t *testing.T) *mockServer {
	t.Helper()
	command := os.Getenv("VOLTTOOLS")
	if command == "" {
		command = "volttools"
	}
	words := append(strings.Fields(command), "mock", "--port", "0", "--json", "--quiet")
	process := exec.Command(words[0], words[1:]...)
	process.Stderr = os.Stderr
	output, err := process.StdoutPipe()
	check(t, err)
	check(t, process.Start())
	t.Cleanup(func() {
		process.Process.Signal(os.Interrupt)
		process.Wait()
	})
	first, err := bufio.NewReader(output).ReadBytes('\n')
	check(t, err)
	server := new(mockServer)
	check(t, json.Unmarshal(first, server))
	return server
}

// address is where clients connect to.
func (server *mockServer) address() string {
	return fmt.Sprintf("voltdb://%s:%d", server.Nodes[0].Host, server.Nodes[0].Port)
}

// answer answers calls of a procedure, one after the other, the last one again and again.
func (server *mockServer) answer(t *testing.T, procedure string, responses ...string) {
	t.Helper()
	body := fmt.Sprintf(`{"procedure": %q, "responses": [%s]}`, procedure, strings.Join(responses, ", "))
	response, err := http.Post(server.ControlURL+"/answers", "application/json", strings.NewReader(body))
	read(t, response, err)
}

// calls are the parameters of each call of a procedure.
func (server *mockServer) calls(t *testing.T, procedure string) []string {
	t.Helper()
	response, err := http.Get(server.ControlURL + "/calls?procedure=" + procedure)
	var came struct {
		Calls []struct{ Params json.RawMessage }
	}
	check(t, json.Unmarshal(read(t, response, err), &came))
	var all []string
	for _, call := range came.Calls {
		all = append(all, strings.ReplaceAll(string(call.Params), " ", ""))
	}
	return all
}

func read(t *testing.T, response *http.Response, err error) []byte {
	t.Helper()
	check(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	check(t, err)
	if response.StatusCode >= 300 {
		t.Fatalf("%s", body)
	}
	return body
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
