// franz-go as users have it: a client of the codec matrix (write, read: compat/codecs/command-client.ts), and checks of everything else.
package main

import (
	"fmt"
	"os"
	"strings"
)

func main() {
	var err error
	switch os.Args[1] {
	case "write":
		err = write(options())
	case "read":
		err = read(options())
	case "check":
		checkAll(strings.Split(os.Args[2], ","))
	default:
		err = fmt.Errorf("there is no %q", os.Args[1])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func options() map[string]string {
	options := map[string]string{}
	for at := 2; at+1 < len(os.Args); at += 2 {
		options[strings.TrimPrefix(os.Args[at], "--")] = os.Args[at+1]
	}
	return options
}
